// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/key_acquisition.hpp"

#include "daemon/core/engine/text/ke_messages.hpp"
#include "tests/unit/engine/association/nts_server.hpp"

namespace gnomon::testing {

using namespace engine;
using protocol::DateCheck;
using protocol::KeFailureReason;

namespace {

constexpr base::MonoTime start{5000s};
const base::IpAddress server_address = address("192.0.2.1");

config::Source source() {
  auto s = nts_source();
  s.name = "nts.example";
  return s;
}

EngineContext context() {
  EngineContext c;
  c.aeads = {15};
  c.remembers = true;
  return c;
}

struct Acquisition {
  Establish begin(const EngineContext& with = context()) {
    return keys.start(server_address, source(), with, start);
  }
  void succeed() {
    static_cast<void>(begin());
    Turn turn = turn_at(start);
    keys.succeeded(server.session(), turn);
    notes = std::move(turn.step.notes);
  }
  void fail(KeFailureReason reason, bool elsewhere = false, bool one_shot = false) {
    static_cast<void>(begin());
    Turn turn = turn_at(start);
    keys.failed({reason, "detail"}, source(), elsewhere, one_shot, turn);
    notes = std::move(turn.step.notes);
  }
  base::Duration wait() const { return keys.client().ke_allowed_at() - start; }
  protocol::CookieFile kept() { return std::move(*memory()->cookies); }
  std::optional<NtsMemory> memory(const base::Endpoint& ntp = {address("192.0.2.5"), 1123}) {
    return keys.memory(server_address, ntp, "nts.example", turn_at(start).now, true);
  }
  std::optional<LoadedKeys> load(protocol::CookieFile file, const EngineContext& with = context()) {
    REQUIRE(keys.load(server_address, with));
    Turn turn = turn_at(start);
    Kept kept;
    kept.cookies = std::move(file);
    const auto loaded = keys.loaded(kept, source(), with, turn);
    notes = std::move(turn.step.notes);
    return loaded;
  }

  NtsServer server;
  KeyAcquisition keys{source()};
  std::vector<Note> notes;
};

}  // namespace

TEST_CASE("NTS-KE is run with the name as a certificate has it") {
  for (const auto& [configured, name] : {std::pair{"nts.example", "nts.example"},
                                         {"nts.example.", "nts.example"},
                                         {"fe80::1%eth0", "fe80::1"}}) {
    auto s = source();
    s.name = configured;
    s.nts_port = 4461;
    s.cert_set = 3;
    EngineContext c;
    c.aeads = {30, 15};
    c.dates = {.forgive_early = false, .correction = 7s, .earliest = base::RealTime{9s}};
    const auto establish = KeyAcquisition(s).start(server_address, s, c, start);
    CHECK(establish ==
          Establish{name, {server_address, 4461}, 3, {30, 15}, DateCheck::strict, 7s, base::RealTime{9s}});
  }
}

TEST_CASE("success gives keys and says so") {
  Acquisition a;
  a.succeed();
  CHECK(a.keys.client().ready());
  REQUIRE(a.notes.size() == 1);
  CHECK(std::get<note::KeSucceeded>(a.notes[0].subject).aead == 15);
}

TEST_CASE("a failure is noted with stage, reason and pause") {
  Acquisition a;
  a.fail(KeFailureReason::certificate_expired);
  REQUIRE(a.notes.size() == 1);
  const auto& failed = std::get<note::KeFailed>(a.notes[0].subject);
  CHECK(failed.stage == stage_of(KeFailureReason::certificate_expired));
  CHECK(failed.reason == protocol::to_text(KeFailureReason::certificate_expired));
  CHECK(failed.next_try == a.wait());
  CHECK(a.wait() >= 1024s);
}

TEST_CASE(
    "a server that is not reached is left for the next address soon, and soon tried again in one shot") {
  Acquisition a;
  a.fail(KeFailureReason::connect_refused);
  CHECK(a.wait() >= 16s);
  Acquisition elsewhere;
  elsewhere.fail(KeFailureReason::connect_refused, true, true);
  CHECK(elsewhere.wait() == 100ms);
  CHECK(std::get<note::KeFailed>(elsewhere.notes[0].subject).next_try == 100ms);
  Acquisition one_shot;
  one_shot.fail(KeFailureReason::connect_refused, false, true);
  CHECK(one_shot.wait() == 1s);
  Acquisition reached;
  reached.fail(KeFailureReason::tls_handshake, true, true);
  CHECK(reached.wait() >= 1024s);
}

TEST_CASE("one shot ends at a server that was reached, or after four attempts") {
  Acquisition a;
  CHECK(a.keys.is_hopeless({KeFailureReason::certificate_expired, {}}));
  for (int i = 0; i < 4; ++i) {
    CHECK_FALSE(a.keys.is_hopeless({KeFailureReason::timeout, {}}));
    a.fail(KeFailureReason::timeout);
  }
  CHECK(a.keys.is_hopeless({KeFailureReason::timeout, {}}));
}

TEST_CASE("dates are forgiven once, of certificates that are too early, and where that is allowed") {
  auto allowed = context();
  allowed.dates.forgive_early = true;
  Turn turn = turn_at(start);
  Acquisition a;
  static_cast<void>(a.begin());
  CHECK_FALSE(a.keys.forgives({KeFailureReason::certificate_not_yet_valid, {}}, context(), turn));
  CHECK_FALSE(a.keys.forgives({KeFailureReason::certificate_expired, {}}, allowed, turn));
  CHECK(turn.step.notes.empty());
  CHECK(a.keys.forgives({KeFailureReason::certificate_not_yet_valid, "since"}, allowed, turn));
  REQUIRE(turn.step.notes.size() == 1);
  const auto& forgiven = std::get<note::DatesForgiven>(turn.step.notes[0].subject);
  CHECK(forgiven.next_try == 8s);
  CHECK(forgiven.text.ends_with(" (since)"));
  CHECK(a.wait() == 8s);
  CHECK_FALSE(a.keys.forgives({KeFailureReason::certificate_not_yet_valid, {}}, allowed, turn));
  CHECK(a.begin().date_check == DateCheck::forgive_early);
  a.succeed();
  CHECK(a.keys.client().provisional());
  CHECK(is_about<note::KeProvisional>(a.notes.back()));
}

TEST_CASE("nocerttimecheck counts more than forgiven dates") {
  Acquisition a;
  auto ignoring = context();
  ignoring.ignore_certificate_dates = true;
  CHECK(a.begin(ignoring).date_check == DateCheck::ignore);
}

TEST_CASE("what was kept of a server is loaded once, while keys are missing, and only if any is kept") {
  Acquisition a;
  EngineContext forgetful;
  CHECK_FALSE(a.keys.load(server_address, forgetful));
  CHECK_FALSE(a.keys.load({}, context()));
  CHECK(*a.keys.load(server_address, context()) == LoadKept{server_address});
  CHECK_FALSE(a.keys.load(server_address, context()));
  CHECK(a.keys.load(address("192.0.2.2"), context()));
  a.keys.load_cancelled();
  CHECK(a.keys.load(server_address, context()));
  Acquisition with_keys;
  with_keys.succeed();
  CHECK_FALSE(with_keys.keys.load(server_address, context()));
}

TEST_CASE("kept cookies are used where they are good") {
  Acquisition before;
  before.succeed();
  Acquisition a;
  const auto loaded = a.load(before.kept());
  REQUIRE(loaded);
  CHECK(loaded->ntp == base::Endpoint{address("192.0.2.5"), 1123});
  CHECK(loaded->cookies == 8);
  CHECK(loaded->age.count() == 0);
  CHECK(a.notes.empty());
  CHECK(a.keys.client().ready());
  CHECK(a.memory()->ke_server == server_address);
}

// NOLINTBEGIN(bugprone-use-after-move): each run enters one section
TEST_CASE("kept cookies of another name or AEAD are not used, and it is said why") {
  Acquisition before;
  before.succeed();
  auto file = before.kept();
  Acquisition a;
  SECTION("name") {
    file.name = "other.example";
    CHECK_FALSE(a.load(std::move(file)));
  }
  SECTION("AEAD") {
    auto other = context();
    other.aeads = {30};
    CHECK_FALSE(a.load(std::move(file), other));
  }
  SECTION("keys") {
    file.keys.aead = protocol::AeadId::aes_128_gcm_siv;
    auto both = context();
    both.aeads = {30, 15};
    CHECK_FALSE(a.load(std::move(file), both));
  }
  REQUIRE(a.notes.size() == 1);
  CHECK(is_about<note::CookiesRejected>(a.notes[0]));
  CHECK_FALSE(a.keys.client().ready());
}
// NOLINTEND(bugprone-use-after-move)

TEST_CASE("loaded cookies are noted with their age, and that they are too old") {
  Turn turn = turn_at(start);
  note_loaded({.ntp = {}, .cookies = 3, .age = 50s}, 100s, turn);
  REQUIRE(turn.step.notes.size() == 1);
  CHECK(std::get<note::CookiesRecalled>(turn.step.notes[0].subject).count == 3);
  CHECK(std::get<note::CookiesRecalled>(turn.step.notes[0].subject).age == 50s);
  note_loaded({.ntp = {}, .cookies = 3, .age = -50s}, 100s, turn);
  CHECK(std::get<note::CookiesRecalled>(turn.step.notes[1].subject).age == 0s);
  note_loaded({.ntp = {}, .cookies = 3, .age = 101s}, 100s, turn);
  CHECK(is_about<note::CookiesOutdated>(turn.step.notes.back()));
  const auto count = turn.step.notes.size();
  note_loaded({.ntp = {}, .cookies = 3, .age = 101s}, 0s, turn);
  CHECK(turn.step.notes.size() == count + 1);
}

TEST_CASE("a back-off that was kept counts for its own source only") {
  for (const bool own : {true, false}) {
    Acquisition a;
    REQUIRE(a.keys.load(server_address, context()));
    Turn turn = turn_at(start);
    Kept kept;
    kept.back_off = KeBackOff{own ? "nts.example" : "other.example", 2, 30s, turn.now.real};
    CHECK_FALSE(a.keys.loaded(kept, source(), context(), turn));
    CHECK((a.keys.client().ke_allowed_at() == start + 30s) == own);
  }
}

TEST_CASE("what is kept is named after the server the keys are of") {
  Acquisition a;
  a.succeed();
  const auto memory = a.keys.memory(address("192.0.2.99"), {address("192.0.2.5"), 123}, "nts.example",
                                    turn_at(start).now, true);
  REQUIRE(memory);
  CHECK(memory->ke_server == server_address);
  REQUIRE(memory->cookies);
  CHECK(memory->cookies->name == "nts.example");
  CHECK(memory->cookies->ntp == base::Endpoint{address("192.0.2.5"), 123});
  // An NTP server whose name is not resolved yet.
  CHECK_FALSE(a.memory({{}, 123}));
}

TEST_CASE("a failure is kept, so that a restart does not make another attempt at once") {
  Acquisition a;
  CHECK_FALSE(a.keys.memory({}, {}, "nts.example", turn_at(start).now, false));
  a.fail(KeFailureReason::tls_handshake);
  const auto memory = a.memory();
  REQUIRE(memory);
  CHECK_FALSE(memory->cookies);
  REQUIRE(memory->back_off);
  CHECK(memory->back_off->name == "nts.example");
  CHECK(memory->back_off->attempts == 1);
}

TEST_CASE("another address of the name gets an NTS-KE of its own, soon if the one before was not reached") {
  Acquisition a;
  a.succeed();
  const auto allowed = a.keys.client().ke_allowed_at();
  a.keys.server_replaced(false, start);
  CHECK(a.keys.client().wants_ke(start, 0s));
  CHECK(a.keys.client().ke_allowed_at() == allowed);
  a.keys.server_replaced(true, start);
  CHECK(a.wait() == 100ms);
}

}  // namespace gnomon::testing
