// SPDX-License-Identifier: GPL-2.0-or-later
// What an NTS source keeps over a restart, and how it begins with that.
#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "tests/unit/engine/association/nts_server.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

EngineContext with_memory() {
  EngineContext context;
  context.aeads = {30, 15};
  context.remembers = true;
  return context;
}

struct Run : Script {
  explicit Run(const config::Source& source = nts_source(), const EngineContext& context = with_memory())
      : Script(source, context) {}
};

protocol::CookieFile copy(const protocol::CookieFile& file) {
  return *protocol::parse_cookie_file(protocol::to_cookie_file(file));
}

// A run with keys that has had one answer, and what it has kept when it ends.
protocol::CookieFile kept_by(Run& run, NtsServer& server) {
  static_cast<void>(run.play(Started{}));
  static_cast<void>(run.play(Kept{}));
  Step step = established(run, server.session());
  static_cast<void>(answer(run, server, step.action));
  return std::move(*run.association.memory(run.now, true)->cookies);
}

bool needs_ke(const Action& action) {
  return std::holds_alternative<Establish>(action);
}

Step failed(Script& script, protocol::KeFailureReason reason) {
  return script.play(EstablishFailed{{reason, "detail"}});
}

}  // namespace

TEST_CASE("what was kept is looked up before NTS-KE, once, and not at all without a folder") {
  Run run;
  const auto action = run.act(Started{});
  CHECK(action == Action{LoadKept{address("192.0.2.1")}});
  CHECK(needs_ke(run.act(Kept{})));
  Script forgetful(nts_source());
  CHECK(needs_ke(forgetful.act(Started{})));
}

TEST_CASE("a restart goes on with the cookies of the last run: no NTS-KE, an authenticated answer") {
  NtsServer server;
  Run first;
  const auto file = kept_by(first, server);
  CHECK(file.cookies.size() == 8);
  CHECK(file.ntp == base::Endpoint{address("192.0.2.1"), 123});

  Run second;
  static_cast<void>(second.play(Started{}));
  Step step = second.play(Kept{copy(file), {}});
  CHECK(has_note<note::CookiesRecalled>(step));
  REQUIRE(std::holds_alternative<Exchange>(step.action));
  step = answer(second, server, step.action);
  REQUIRE(step.sample);
  CHECK(step.sample->authenticated);
  CHECK(second.report().auth.key_id == 1);
  CHECK(second.report().auth.naks == 0);
}

TEST_CASE("no cookie that stands in the file is sent while another is left, whenever the power fails") {
  NtsServer server;
  auto source = nts_source();
  source.iburst = true;
  Run run(source);
  static_cast<void>(run.play(Started{}));
  static_cast<void>(run.play(Kept{}));
  Step step = established(run, server.session());
  std::set<base::Buffer> in_file;
  std::set<base::Buffer> sent;
  for (int i = 0; i < 100; ++i) {
    if (step.memory) {
      in_file.clear();
      REQUIRE(step.memory->cookies);
      for (const auto& cookie : step.memory->cookies->cookies) {
        in_file.insert(cookie);
        CHECK_FALSE(sent.contains(cookie));
      }
      CHECK(in_file.size() == 1);
    }
    if (std::holds_alternative<Wait>(step.action)) {
      step = run.wake(step.action);
      continue;
    }
    REQUIRE(std::holds_alternative<Exchange>(step.action));
    const auto cookie = cookie_in(step.action);
    CHECK(sent.insert(cookie).second);
    CHECK_FALSE(in_file.contains(cookie));
    step = answer(run, server, step.action);
  }
  CHECK(sent.size() > 20);
}

TEST_CASE("the kept cookie is the last resort, and then the file goes") {
  NtsServer server;
  Run run;
  static_cast<void>(run.play(Started{}));
  static_cast<void>(run.play(Kept{}));
  Step step = established(run, server.session(protocol::AeadId::aes_siv_cmac_256, 2));
  REQUIRE(step.memory);
  const auto kept = step.memory->cookies->cookies.at(0);
  CHECK(cookie_in(step.action) != kept);
  step = run.play(Silence{});
  CHECK(run.report().auth.cookies == 1);
  while (std::holds_alternative<Wait>(step.action)) step = run.wake(step.action);
  CHECK(cookie_in(step.action) == kept);
  REQUIRE(step.memory);
  CHECK_FALSE(step.memory->cookies);
}

TEST_CASE("the kept cookie is replaced by a newer one every hour") {
  NtsServer server;
  Run run;
  static_cast<void>(run.play(Started{}));
  static_cast<void>(run.play(Kept{}));
  Step step = established(run, server.session());
  REQUIRE(step.memory);
  auto kept = step.memory->cookies->cookies.at(0);
  const auto began = run.now.mono;
  int writes = 0;
  while (run.now.mono - began < 5h) {
    if (std::holds_alternative<Wait>(step.action))
      step = run.wake(step.action);
    else
      step = answer(run, server, step.action);
    if (!step.memory) continue;
    ++writes;
    CHECK(step.memory->cookies->cookies.at(0) != kept);
    kept = step.memory->cookies->cookies.at(0);
  }
  CHECK(writes >= 4);
  CHECK(writes <= 5);
}

TEST_CASE("cookies are spent in the order in which they came, and kept in it, over restarts") {
  NtsServer server;
  std::map<base::Buffer, int> seen;  // by number
  const auto number_of = [&seen](const base::Buffer& cookie) {
    return seen.try_emplace(cookie, static_cast<int>(seen.size())).first->second;
  };
  Run first;
  auto file = kept_by(first, server);
  for (int run = 0; run < 4; ++run) {
    std::vector<int> kept;
    for (const auto& cookie : file.cookies) kept.push_back(number_of(cookie));
    CHECK(std::ranges::is_sorted(kept));
    Run script;
    static_cast<void>(script.play(Started{}));
    Step step = script.play(Kept{copy(file), {}});
    std::vector<int> spent;
    while (spent.size() < 3) {
      while (std::holds_alternative<Wait>(step.action)) step = script.wake(step.action);
      spent.push_back(number_of(cookie_in(step.action)));
      step = answer(script, server, step.action);
    }
    CHECK(std::ranges::equal(spent, std::span(kept).first(3)));
    file = std::move(*script.association.memory(script.now, true)->cookies);
    CHECK(file.cookies.size() == 8);
  }
}

TEST_CASE("a file is written back without the cookies that were taken from it") {
  NtsServer server;
  Run first;
  const auto file = kept_by(first, server);
  Run second;
  static_cast<void>(second.play(Started{}));
  const Step step = second.play(Kept{copy(file), {}});
  REQUIRE(step.memory);
  REQUIRE(step.memory->cookies);
  CHECK(step.memory->cookies->cookies.size() == 1);
  CHECK(second.report().auth.cookies == 7);  // one is on its way
}

TEST_CASE("cookies of another name or AEAD are not used, and it is said why") {
  NtsServer server;
  Run first;
  const auto file = kept_by(first, server);
  SECTION("name") {
    auto source = nts_source();
    source.name = "192.0.2.1";
    Run second(source);
    static_cast<void>(second.play(Started{}));
    auto other = copy(file);
    other.name = "time.example";
    const Step step = second.play(Kept{std::move(other), {}});
    CHECK(has_note<note::CookiesRejected>(step));
    CHECK(needs_ke(step.action));
  }
  SECTION("AEAD") {
    auto context = with_memory();
    context.aeads = {30};
    Run second(nts_source(), context);
    static_cast<void>(second.play(Started{}));
    const Step step = second.play(Kept{copy(file), {}});
    CHECK(has_note<note::CookiesRejected>(step));
    CHECK(needs_ke(step.action));
  }
}

TEST_CASE("cookies for where no NTS-KE server may send us are not used") {
  NtsServer server;
  Run first;
  auto file = copy(kept_by(first, server));
  file.ntp = {address("127.0.0.1"), 11211};
  Run second;
  static_cast<void>(second.play(Started{}));
  const Step step = second.play(Kept{std::move(file), {}});
  CHECK(has_note<note::CookiesRejected>(step));
  CHECK(needs_ke(step.action));
}

TEST_CASE("cookies older than ntsrefresh serve only while there are no new ones") {
  NtsServer server;
  Run first;
  auto file = kept_by(first, server);
  file.established -= std::chrono::hours(24 * 40);
  Run second;
  static_cast<void>(second.play(Started{}));
  Step step = second.play(Kept{copy(file), {}});
  CHECK(has_note<note::CookiesOutdated>(step));
  REQUIRE(needs_ke(step.action));
  step = failed(second, protocol::KeFailureReason::timeout);
  REQUIRE(std::holds_alternative<Exchange>(step.action));
  CHECK(answer(second, server, step.action).sample);
}

TEST_CASE("a file from a clock that was ahead is as good as new") {
  NtsServer server;
  Run first;
  auto file = kept_by(first, server);
  file.established += std::chrono::hours(24 * 4000);
  Run second;
  static_cast<void>(second.play(Started{}));
  const Step step = second.play(Kept{copy(file), {}});
  CHECK_FALSE(has_note<note::CookiesOutdated>(step));
  CHECK(std::holds_alternative<Exchange>(step.action));
}

TEST_CASE("provisional keys are not kept") {
  NtsServer server;
  auto context = with_memory();
  context.dates.forgive_early = true;
  Run run(nts_source(), context);
  static_cast<void>(run.play(Started{}));
  static_cast<void>(run.play(Kept{}));
  Step step = failed(run, protocol::KeFailureReason::certificate_not_yet_valid);
  CHECK(has_note<note::DatesForgiven>(step));
  while (!needs_ke(step.action)) step = run.wake(step.action);
  step = established(run, server.session());
  CHECK(run.report().auth.provisional);
  REQUIRE(step.memory);
  CHECK_FALSE(step.memory->cookies);
  CHECK_FALSE(run.association.memory(run.now, true)->cookies);
}

TEST_CASE("a crash loop does not hammer an NTS-KE server, whatever the clock says") {
  using R = protocol::KeFailureReason;
  for (const auto& [reason, longest] :
       {std::pair{R::certificate_untrusted, 64s}, {R::connect_refused, 8s}, {R::certificate_expired, 8s}}) {
    for (const auto clock : {0s, -500'000'000s, 3s, 500'000'000s}) {
      Run first;
      static_cast<void>(first.play(Started{}));
      static_cast<void>(first.play(Kept{}));
      Step step = failed(first, reason);
      REQUIRE(step.memory);
      REQUIRE(step.memory->back_off);
      const auto text = to_text(*step.memory->back_off);
      Run second;
      second.now.real += clock;
      static_cast<void>(second.play(Started{}));
      step = second.play(Kept{{}, parse_back_off(text)});
      const auto began = second.now.mono;
      while (!needs_ke(step.action)) step = second.wake(step.action);
      const auto passed = std::clamp<base::Duration>(clock, 0s, longest);
      CHECK(second.now.mono - began == longest - passed);
      CHECK(second.report().auth.ke_attempts == 2);
    }
  }
}

TEST_CASE("the wait of another source, or one that is no text of ours, holds nobody up") {
  Run run;
  static_cast<void>(run.play(Started{}));
  CHECK(needs_ke(run.act(Kept{{}, KeBackOff{"time.example", 5, 64s, run.now.real}})));
  CHECK_FALSE(parse_back_off(""));
  CHECK_FALSE(parse_back_off("gnomon-ke 1\nname\n1 -5 0\n"));
  CHECK_FALSE(parse_back_off("gnomon-ke 1\nname\n1 nan 0\n"));
  CHECK_FALSE(parse_back_off("gnomon-ke 2\nname\n1 5 0\n"));
}

TEST_CASE("a protected answer ends the wait for good") {
  NtsServer server;
  Run run;
  static_cast<void>(run.play(Started{}));
  static_cast<void>(run.play(Kept{}));
  Step step = failed(run, protocol::KeFailureReason::certificate_untrusted);
  while (!needs_ke(step.action)) step = run.wake(step.action);
  step = established(run, server.session());
  REQUIRE(step.memory);
  CHECK(step.memory->back_off);
  while (std::holds_alternative<Wait>(step.action)) step = run.wake(step.action);
  step = answer(run, server, step.action);
  REQUIRE(step.memory);
  CHECK_FALSE(step.memory->back_off);
}

}  // namespace gnomon::testing
