// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/address_finder.hpp"

#include <utility>

#include "daemon/core/engine/values/reference_id.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

constexpr base::MonoTime start{5000s};

const base::IpAddress first = address("192.0.2.1");
const base::IpAddress second = address("192.0.2.2");
const base::IpAddress third = address("192.0.2.3");
const base::IpAddress sixth = address("2001:db8::6");

config::Source named(bool nts = false) {
  config::Source source;
  source.name = "ntp.example";
  source.nts = nts;
  return source;
}
config::Source pooled() {
  auto source = named();
  source.kind = config::SourceKind::pool;
  return source;
}

// A finder, and whether it asks for a name when told so.
struct Search {
  explicit Search(const config::Source& source, const base::IpAddress& saved = {}) : finder(source, saved) {
    finder.started(now);
  }
  // The name it wants resolved now; empty: none.
  std::string wanted(const EngineContext& context = {}) {
    const auto action = finder.next(now, context);
    const auto* resolve = action ? std::get_if<Resolve>(&*action) : nullptr;
    return resolve != nullptr ? resolve->name : "";
  }
  AddressUpdate resolve(std::vector<base::IpAddress> addresses, std::vector<base::IpAddress> taken = {}) {
    REQUIRE_FALSE(wanted().empty());
    Turn turn = turn_at(now);
    known.taken = std::move(taken);
    auto update = finder.resolved({std::move(addresses)}, known, turn);
    notes = std::move(turn.step.notes);
    return update;
  }
  AddressFinder finder;
  EngineContext known;
  base::MonoTime now = start;
  std::vector<Note> notes;
};

}  // namespace

TEST_CASE("a literal address needs no lookup and is where requests go") {
  auto source = plain_source();
  source.port = 1123;
  Search search(source);
  CHECK(search.wanted().empty());
  CHECK(search.finder.source_address() == first);
  CHECK(search.finder.ntp() == base::Endpoint{first, 1123});
  CHECK_FALSE(search.finder.searches());
}

TEST_CASE("a name is resolved, of the source's family before that of the daemon") {
  auto source = named();
  EngineContext context;
  context.family = base::AddressFamily::ipv4;
  CHECK(*AddressFinder(source, {}).next(start, context) ==
        Action{Resolve{"ntp.example", base::AddressFamily::ipv4}});
  source.family = base::AddressFamily::ipv6;
  CHECK(*AddressFinder(source, {}).next(start, context) ==
        Action{Resolve{"ntp.example", base::AddressFamily::ipv6}});
}

TEST_CASE("the resolver's first address is taken, and is new to the source") {
  Search search(named());
  const auto update = search.resolve({sixth, first});
  CHECK(update.found);
  CHECK_FALSE(update.replaced);
  CHECK(update.ntp == NtpAddressChange::found);
  CHECK(search.finder.ntp().address == sixth);
  CHECK(search.wanted().empty());
}

TEST_CASE("a failed lookup is noted with its reason and waited out") {
  Search search(named());
  REQUIRE_FALSE(search.wanted().empty());
  Turn turn = turn_at(start);
  const auto update = search.finder.resolved({{}, NameFailure::no_answer}, {}, turn);
  CHECK_FALSE(update.found);
  REQUIRE(turn.step.notes.size() == 1);
  const auto& failed = std::get<note::ResolveFailed>(turn.step.notes[0].subject);
  CHECK(failed.reason == words(NameFailure::no_answer));
  CHECK(base::to_seconds(failed.next_try).count() == Approx(2.1).margin(0.11));
  const auto wait = std::get<Wait>(*search.finder.next(start, {}));
  search.now = wait.until;
  CHECK(search.wanted() == "ntp.example");
}

TEST_CASE("an answer that nobody asked for changes nothing") {
  Search search(named());
  Turn turn = turn_at(start);
  CHECK_FALSE(search.finder.resolved({{first}}, {}, turn).found);
  REQUIRE_FALSE(search.wanted().empty());
  search.finder.lookup_cancelled(start);
  CHECK_FALSE(search.finder.resolved({{first}}, {}, turn).found);
  CHECK_FALSE(search.finder.source_address().is_specified());
  CHECK(search.wanted() == "ntp.example");
}

TEST_CASE("addresses of other sources are taken only when there are no others") {
  Search search(named());
  search.resolve({first, second}, {first});
  CHECK(search.finder.ntp().address == second);
  Search without(named());
  without.resolve({first, second}, {first, second});
  CHECK(without.finder.ntp().address == first);
}

TEST_CASE("an address without an answer gives way to those not yet tried, the other family first") {
  Search search(named());
  search.resolve({first, second, sixth});
  CHECK(search.finder.searches());
  CHECK(search.finder.try_next(false, start));
  const auto update = search.resolve({first, second, sixth});
  CHECK(update.replaced);
  CHECK(update.unreached);
  CHECK(update.ntp == NtpAddressChange::replaced);
  CHECK(search.finder.ntp().address == sixth);
  CHECK(search.finder.try_next(false, start));
  search.resolve({first, second, sixth});
  CHECK(search.finder.ntp().address == second);
}

TEST_CASE("after three rounds through all addresses the search is over") {
  Search search(named());
  search.resolve({first, second});
  int asked = 1;
  while (search.finder.try_next(false, start) && asked < 20) {
    search.resolve({first, second});
    ++asked;
  }
  CHECK(asked == 6);
  CHECK_FALSE(search.finder.searches());
}

TEST_CASE("an address that nothing can be sent to is not tried in later rounds") {
  Search search(named());
  search.resolve({sixth, first, second});
  CHECK(search.finder.try_next(true, start));
  for (int i = 0; i < 4; ++i) {
    search.resolve({sixth, first, second});
    CHECK(search.finder.ntp().address != sixth);
    CHECK(search.finder.try_next(false, start) == (i < 3 || search.finder.searches()));
  }
}

TEST_CASE("an answer ends the search; only long silence leads to another address then") {
  Search search(named());
  search.resolve({first, second});
  search.finder.answered();
  CHECK_FALSE(search.finder.searches());
  CHECK_FALSE(search.finder.try_next(false, start));
  search.finder.look_elsewhere();
  search.now += 31s;
  const auto update = search.resolve({first, second});
  CHECK(update.ntp == NtpAddressChange::replaced);
  CHECK(search.finder.ntp().address == second);
}

TEST_CASE("an address that tells a wrong time is left, and not taken again within the hour") {
  Search search(named());
  search.resolve({first, second});
  search.finder.answered();
  search.finder.found_wrong(search.now);
  search.finder.look_elsewhere();
  search.now += 31s;
  search.resolve({first, second});
  CHECK(search.finder.ntp().address == second);
  search.finder.answered();
  search.finder.found_wrong(search.now);
  search.finder.look_elsewhere();
  search.now += 31s;
  CHECK(search.resolve({first, second}).ntp == NtpAddressChange::none);
  search.now += 1h;
  search.finder.look_elsewhere();
  search.resolve({first, second});
  CHECK(search.finder.ntp().address == first);
}

TEST_CASE("a literal address is never left") {
  Search search(plain_source());
  search.finder.look_elsewhere();
  search.finder.refresh(start);
  CHECK(search.wanted().empty());
  CHECK_FALSE(search.finder.ke_unreachable(start));
  CHECK_FALSE(search.finder.is_pool_member());
}

TEST_CASE("a refreshed name keeps an address that it still has and replaces one that it has not") {
  Search search(named());
  search.resolve({first});
  search.finder.refresh(start + 1s);
  search.now = start + 1s;
  CHECK(search.resolve({second, first}).ntp == NtpAddressChange::none);
  search.finder.refresh(search.now);
  CHECK(search.resolve({second, third}).ntp == NtpAddressChange::replaced);
  CHECK(search.finder.ntp().address == second);
}

TEST_CASE("names are resolved again after the refresh interval") {
  Search search(named());
  search.resolve({first});
  EngineContext context;
  context.name_refresh = 100s;
  search.now = start + 100s;
  CHECK(search.wanted(context).empty());
  search.now = start + 101s;
  CHECK(search.wanted(context) == "ntp.example");
}

TEST_CASE("a member of a pool looks for others before any are known") {
  Search search(pooled(), first);
  CHECK(search.finder.is_pool_member());
  CHECK(search.finder.searches());
  CHECK(search.finder.try_next(false, start));
  const auto update = search.resolve({first, second});
  CHECK(update.replaced);
  CHECK(search.finder.ntp().address == second);
}

TEST_CASE("with NTS the name is that of the NTS-KE server, which tells where requests go") {
  auto source = named(true);
  Search search(source);
  const auto update = search.resolve({first, second});
  CHECK(update.found);
  CHECK(update.ntp == NtpAddressChange::none);
  CHECK(search.finder.begin_ke() == first);
  CHECK_FALSE(search.finder.ntp().address.is_specified());
  SECTION("to itself") {
    CHECK(search.finder.ke_succeeded("", std::nullopt, {}) == NtpAddressChange::found);
    CHECK(search.finder.ntp() == base::Endpoint{first, 123});
  }
  SECTION("to an address and a port") {
    CHECK(search.finder.ke_succeeded("192.0.2.3", 1123, {}) == NtpAddressChange::replaced);
    CHECK(search.finder.ntp() == base::Endpoint{third, 1123});
  }
  SECTION("to a name, whose address of the family that works is taken") {
    CHECK(search.finder.ke_succeeded("other.example", std::nullopt, {}) == NtpAddressChange::none);
    CHECK(search.wanted() == "other.example");
    CHECK(search.resolve({sixth, third}).ntp == NtpAddressChange::replaced);
    CHECK(search.finder.ntp().address == third);
  }
  SECTION("to an address of the wrong family, which is looked up in vain") {
    EngineContext context;
    context.family = base::AddressFamily::ipv4;
    CHECK(search.finder.ke_succeeded("2001:db8::6", std::nullopt, context) == NtpAddressChange::none);
    CHECK(search.wanted(context) == "2001:db8::6");
  }
}

TEST_CASE("an NTS-KE server does not send us to this machine or to other services, by address or by name") {
  Search search(named(true));
  static_cast<void>(search.resolve({first}));
  search.known.own.reference_ids = {reference_id_of(second)};
  const auto refused = [&](const char* server, std::optional<std::uint16_t> port = {}) {
    return search.finder.why_refused(server, port, search.known);
  };
  for (const auto* server : {"", "192.0.2.3", "other.example"}) {
    CHECK(refused(server).empty());
    CHECK(refused(server, std::uint16_t{4123}).empty());
    CHECK_FALSE(refused(server, std::uint16_t{53}).empty());
  }
  CHECK(refused("127.0.0.1", std::uint16_t{11211}) ==
        "its NTP server would be 127.0.0.1:11211: it is this machine's own, and the NTS-KE server is another "
        "machine");
  CHECK_FALSE(refused("192.0.2.2").empty());
  CHECK(refused("other.example", std::uint16_t{53}) ==
        "its NTP server would be other.example:53: a port below 1024 other than 123 is another service's");
  static_cast<void>(search.finder.ke_succeeded("other.example", std::nullopt, search.known));
  CHECK(search.resolve({second, address("127.0.0.1")}).ntp == NtpAddressChange::none);
  REQUIRE(search.notes.size() == 1);
  CHECK(std::get<note::ResolveFailed>(search.notes[0].subject).host == "other.example");
  CHECK_FALSE(search.finder.ntp().address.is_specified());
  search.now += 60s;
  CHECK(search.resolve({second, third}).ntp == NtpAddressChange::replaced);
  CHECK(search.finder.ntp().address == third);
}

TEST_CASE("an NTS-KE server that is not reached gives way to the name's other addresses, each once") {
  Search search(named(true));
  search.resolve({first, second});
  CHECK(search.finder.begin_ke() == first);
  CHECK(search.finder.ke_unreachable(start));
  CHECK(search.finder.begin_ke() == second);
  CHECK_FALSE(search.finder.ke_unreachable(start));
  search.now = start + 31s;
  CHECK(search.wanted() == "ntp.example");
}

TEST_CASE("cookies that were kept say where they are good") {
  Search search(named(true), first);
  CHECK(search.finder.use(base::Endpoint{third, 1123}) == NtpAddressChange::replaced);
  CHECK(search.finder.ntp() == base::Endpoint{third, 1123});
  CHECK(search.finder.source_address() == first);
}

TEST_CASE("another network allows names at once and makes addresses untried") {
  Search search(named());
  search.resolve({first, second});
  while (search.finder.try_next(false, start)) search.resolve({first, second});
  search.finder.network_changed(start);
  CHECK(search.finder.searches());
}

}  // namespace gnomon::testing
