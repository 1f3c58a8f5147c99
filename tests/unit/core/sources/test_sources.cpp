// SPDX-License-Identifier: GPL-2.0-or-later
// Source tasks against a real server on loopback, names by a resolver in the test's hands.
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "base/os/socket.hpp"
#include "daemon/core/sources/sources.hpp"
#include "tests/unit/core/sources/context.hpp"
#include "tests/unit/core/sources/loopback_server.hpp"

using namespace gnomon;
using core::Sources;
using testing::FarEnd;
using testing::Loop;
using testing::LoopbackServer;
using testing::read_as;

namespace {

const auto loopback = *base::parse_address("127.0.0.1");

struct Fixture {
  core::SourcesSettings settings;
  Loop loop;
  testing::RememberingLog log;
  FarEnd resolver_role;
  std::vector<engine::Note> notes;
  std::vector<double> measured;
  int finished = 0;
  core::ResolveClient resolver{loop.tasks, {}};
  core::KeClient ke{loop.tasks, {}};
  core::ClockDriver clock_driver{
      loop.tasks, {}, nullptr, {.on_events = [](const core::ClockEvents&) {}, .on_settled = [] {}}};
  Sources sources{loop.tasks,
                  resolver,
                  ke,
                  clock_driver,
                  log,
                  settings,
                  {.on_note = [this](const engine::Note& note) { notes.push_back(note); },
                   .on_events =
                       [this](const core::ClockEvents& events) {
                         if (events.measured_offset) measured.push_back(events.measured_offset->count());
                       },
                   .on_all_finished = [this] { ++finished; }}};

  explicit Fixture(core::SourcesSettings with = one_shot()) : settings(std::move(with)) {
    resolver.connect(resolver_role.take_near());
    static_cast<void>(clock_driver.start());
    loop.run_ready();
  }
  ~Fixture() { loop.drain(); }
  static core::SourcesSettings one_shot() {
    core::SourcesSettings settings;
    settings.context.one_shot = true;
    settings.context.aeads = {15};
    return settings;
  }
  [[nodiscard]] std::vector<engine::AssociationReport> reports() const { return sources.reports(loop.now()); }
  // What follows for the clock does not matter here.
  void add(const config::Source& source) { static_cast<void>(sources.add(source)); }
  void replace_dynamic(std::vector<config::Source> wanted) {
    static_cast<void>(sources.replace_dynamic(std::move(wanted)));
  }
};

config::Source server_line(const std::string& name, std::uint16_t port) {
  config::Source source;
  source.name = name;
  source.port = port;
  source.iburst = true;
  source.max_samples = 1;
  return source;
}

}  // namespace

TEST_CASE(
    "a server on loopback is measured, with the kernel's timestamps, and our own clock agrees with itself") {
  Fixture f;
  const LoopbackServer server{f.loop};
  f.add(server_line("127.0.0.1", server.port()));
  f.loop.run_until([&] { return !f.measured.empty(); });
  CHECK(f.measured[0] == Approx(0).margin(0.05));
  // The kernel begins to stamp a moment after the first socket asked for it.
  f.loop.run_until([&] { return f.reports().at(0).ntp.rx_stamp == engine::StampSource::kernel; });
  const auto report = f.reports().at(0);
  CHECK(report.ntp.authenticated == false);
  CHECK(report.ntp.stratum == 1);
  CHECK(report.ntp.local == loopback);
  CHECK(report.ntp.tx_stamp == engine::StampSource::kernel);
  CHECK(report.ntp.delay.count() > 0);
}

TEST_CASE("a name goes to the resolver, and its address is measured") {
  Fixture f;
  const LoopbackServer server{f.loop};
  f.add(server_line("ntp.example", server.port()));
  f.loop.run_ready();
  CHECK(f.reports().at(0).activity == engine::Activity::unresolved);
  const auto asked = read_as<ipc::Resolve>(f.resolver_role.receive());
  CHECK(asked.message.name == "ntp.example");
  f.resolver_role.send(ipc::Resolved{.addresses = {loopback}}, asked.id);
  f.loop.run_until([&] { return !f.measured.empty(); });
  CHECK(f.sources.names({1}).address == "127.0.0.1");
  CHECK(f.sources.names({1}).name == "ntp.example");
}

TEST_CASE("a pool becomes as many sources as it may, each address once") {
  Fixture f;
  const LoopbackServer server{f.loop};
  auto pool = server_line("pool.example", server.port());
  pool.kind = config::SourceKind::pool;
  pool.max_sources = 2;
  f.add(pool);
  f.loop.run_ready();
  CHECK(f.reports().at(0).activity == engine::Activity::unresolved);
  CHECK(f.sources.missing_members() == 3);  // of twice as many as are wanted; one is in the report
  const auto asked = read_as<ipc::Resolve>(f.resolver_role.receive());
  const auto second = *base::parse_address("127.0.0.2");
  const auto third = *base::parse_address("127.0.0.3");
  f.resolver_role.send(ipc::Resolved{.addresses = {loopback, loopback, second, third}}, asked.id);
  f.loop.run_until([&] { return f.reports().size() == 2; });
  CHECK(f.reports().at(0).address == loopback);
  CHECK(f.reports().at(1).address == second);
  f.loop.run_ready();
  CHECK(f.sources.missing_members() == 0);
}

TEST_CASE("what commands say of a pool counts for its members to come") {
  namespace control = core::control;
  Fixture f;
  const LoopbackServer server{f.loop};
  auto pool = server_line("pool.example", server.port());
  pool.kind = config::SourceKind::pool;
  pool.max_sources = 4;
  pool.offline = true;
  f.add(pool);
  f.loop.run_ready();
  const auto resolve = [&](int number) {
    const auto asked = read_as<ipc::Resolve>(f.resolver_role.receive());
    const auto address = *base::parse_address("127.0.0." + std::to_string(number));
    f.resolver_role.send(ipc::Resolved{.addresses = {address}}, asked.id);
    f.loop.run_until([&] { return f.reports().back().address == address; });
    return f.reports().back().activity;
  };
  const auto more = [&] {
    f.sources.interrupt_all(engine::InterruptKind::network_changed);
    f.loop.run_ready();
  };
  CHECK(f.sources.carry_out(control::SetOnline{true, {}}));
  CHECK(f.sources.carry_out(control::ModifySource{"pool.example", "minpoll", 3}));
  CHECK(f.sources.carry_out(control::SetSelectOptions{"pool.example", {"+prefer"}}));
  CHECK(resolve(1) != engine::Activity::offline);
  CHECK(f.reports().back().select_options.prefer);
  more();
  CHECK(f.sources.carry_out(control::SetOnline{.online = false, .within = {}, .source = "pool.example"}));
  CHECK(resolve(2) == engine::Activity::offline);
  more();
  CHECK(f.sources.carry_out(control::FollowNetwork{}));
  CHECK(resolve(3) != engine::Activity::offline);
  // The same line in another configuration is still this pool.
  auto preferred = pool;
  preferred.no_select = true;
  static_cast<void>(f.sources.replace_configured({pool}, {preferred}));
  CHECK(f.reports().size() == 3);
  CHECK(f.reports().front().select_options.no_select);
}

TEST_CASE("onoffline looks for the way to a source when its name is found") {
  core::SourcesSettings settings;
  settings.client.bind_device = "nowhere-0";
  Fixture f{settings};
  f.add(server_line("ntp.example", 9));
  const auto asked = [&] {
    f.loop.run_ready();
    return read_as<ipc::Resolve>(f.resolver_role.receive()).id;
  };
  f.resolver_role.send(ipc::ResolveFailed{ipc::ResolveError::try_again}, asked());
  f.loop.run_ready();
  CHECK(f.sources.carry_out(core::control::FollowNetwork{}));
  f.resolver_role.send(ipc::Resolved{.addresses = {loopback}}, asked());
  f.loop.run_until([&] { return f.reports().front().address == loopback; });
  f.loop.run_ready();
  CHECK(f.reports().front().is_offline);
  CHECK_FALSE(f.reports().front().offline_at_start);
}

TEST_CASE("a member that a command made offline before it was found has no option offline") {
  Fixture f;
  auto pool = server_line("pool.example", 9);
  pool.kind = config::SourceKind::pool;
  f.add(pool);
  CHECK(
      f.sources.carry_out(core::control::SetOnline{.online = false, .within = {}, .source = "pool.example"}));
  f.loop.run_ready();
  const auto asked = read_as<ipc::Resolve>(f.resolver_role.receive());
  f.resolver_role.send(ipc::Resolved{.addresses = {loopback}}, asked.id);
  f.loop.run_until([&] { return f.reports().front().address == loopback; });
  CHECK(f.reports().front().is_offline);
  CHECK_FALSE(f.reports().front().offline_at_start);
}

TEST_CASE("names that were not found are asked for at once when what they are found by has changed") {
  Fixture f;
  const LoopbackServer server{f.loop};
  auto pool = server_line("pool.example", server.port());
  pool.kind = config::SourceKind::pool;
  f.add(pool);
  f.add(server_line("ntp.example", server.port()));
  const auto ask_both = [&] {
    f.loop.run_ready();
    for (int i = 0; i < 2; ++i) {
      const auto asked = read_as<ipc::Resolve>(f.resolver_role.receive());
      f.resolver_role.send(ipc::ResolveFailed{ipc::ResolveError::try_again}, asked.id);
    }
    f.loop.run_ready();
  };
  ask_both();
  f.sources.on_name_files_changed();
  ask_both();
  CHECK(f.sources.carry_out(core::control::SetOnline{true, {}}));
  ask_both();
  CHECK(f.sources.carry_out(core::control::FollowNetwork{}));
  ask_both();
  f.sources.interrupt_all(engine::InterruptKind::network_changed);
  ask_both();
}

TEST_CASE("an address is a source once only") {
  Fixture f;
  f.add(server_line("127.0.0.1", 9));
  f.add(server_line("127.0.0.1", 9));
  CHECK(f.reports().size() == 1);
  CHECK(f.log.says("Could not add source 127.0.0.1 : in use"));
}

TEST_CASE("a line of a sourcedir that changed takes its predecessor's place, address and all") {
  Fixture f;
  const auto before = server_line("127.0.0.1", 9);
  auto after = before;
  after.min_poll = {4};
  f.replace_dynamic({before});
  f.loop.run_ready();
  f.replace_dynamic({after});
  CHECK_FALSE(f.log.says("Could not add"));
  CHECK(f.log.lines == std::vector<std::string>{"Added source 127.0.0.1", "Removed source 127.0.0.1",
                                                "Added source 127.0.0.1"});
  CHECK(std::ranges::count(f.reports(), base::SourceId{2}, &engine::AssociationReport::id) == 1);
}

TEST_CASE("sourcedirs: pools are told by their name, servers by their address or number") {
  Fixture f;
  auto pool = server_line("pool.example", 9);
  pool.kind = config::SourceKind::pool;
  f.replace_dynamic({pool, server_line("ntp.example", 9)});
  f.loop.run_ready();
  const auto asked = read_as<ipc::Resolve>(f.resolver_role.receive());
  f.resolver_role.send(ipc::Resolved{.addresses = {loopback, *base::parse_address("127.0.0.2")}}, asked.id);
  f.loop.run_until([&] { return f.reports().size() > 2; });
  f.replace_dynamic({});
  CHECK(f.log.lines ==
        std::vector<std::string>{"Added pool pool.example", "Added source ID#0000000002 (ntp.example)",
                                 "Removed pool pool.example", "Removed source ID#0000000002 (ntp.example)"});
}

TEST_CASE("sourcedirs: a source that is there twice is told once, however often they are read") {
  Fixture f;
  const auto line = server_line("127.0.0.1", 9);
  f.replace_dynamic({line});
  for (int i = 0; i < 3; ++i) f.replace_dynamic({line, line});
  CHECK(std::ranges::count(f.log.events, base::LogEvent::source_not_added) == 1);
  CHECK(f.reports().size() == 1);
  f.replace_dynamic({});
  CHECK(std::ranges::count(f.log.events, base::LogEvent::source_removed) == 1);
}

TEST_CASE("a line of a sourcedir whose address is taken is tried again with the next reload") {
  Fixture f;
  const auto first = server_line("127.0.0.1", 9);
  auto second = first;
  second.min_poll = {4};
  f.replace_dynamic({first, second});
  CHECK(f.reports().size() == 1);
  f.replace_dynamic({second});
  CHECK(std::ranges::count(f.reports(), base::SourceId{2}, &engine::AssociationReport::id) == 1);
}

TEST_CASE("a name whose only address is a source already is said once, a pool's known members are not") {
  Fixture f;
  f.add(server_line("127.0.0.1", 9));
  f.add(server_line("ntp.example", 9));
  f.loop.run_ready();
  const auto asked = read_as<ipc::Resolve>(f.resolver_role.receive());
  SECTION("nothing else is there") {
    f.resolver_role.send(ipc::Resolved{.addresses = {loopback}}, asked.id);
    f.loop.run_until([&] { return f.log.says("ntp.example has no address of its own"); });
    CHECK(f.reports()[1].name_is_taken);
    f.sources.interrupt_all(engine::InterruptKind::network_changed);
    f.loop.run_ready();
    const auto again = read_as<ipc::Resolve>(f.resolver_role.receive());
    f.resolver_role.send(ipc::Resolved{.addresses = {loopback}}, again.id);
    f.loop.run_ready();
    CHECK(f.log.lines.size() == 1);
    CHECK(f.notes.empty());
  }
  SECTION("another address is there") {
    f.resolver_role.send(ipc::Resolved{.addresses = {loopback, *base::parse_address("127.0.0.2")}}, asked.id);
    f.loop.run_until([&] { return f.sources.names({2}).address == "127.0.0.2"; });
    CHECK(f.log.lines.empty());
  }
}

TEST_CASE("who has the address of a server with NTS, and no authentication, looks for another one") {
  Fixture f;
  f.add(server_line("plain.example", 9));
  f.loop.run_ready();
  const auto first = read_as<ipc::Resolve>(f.resolver_role.receive());
  f.resolver_role.send(ipc::Resolved{.addresses = {loopback}}, first.id);
  f.loop.run_until([&] { return f.sources.names({1}).address == "127.0.0.1"; });
  auto line = server_line("nts.example", 9);
  line.nts = true;
  f.add(line);
  f.loop.run_ready();
  const auto second = read_as<ipc::Resolve>(f.resolver_role.receive());
  f.resolver_role.send(ipc::Resolved{.addresses = {loopback}}, second.id);
  f.loop.run_until([&] { return f.log.says("nts.example has no address of its own"); });
  // Now, not only when the name may be asked for again. The server with NTS is first, and finds its address
  // taken once more, so that the lookup of the other one begins again.
  f.sources.interrupt_all(engine::InterruptKind::network_changed);
  for (int i = 0; i < 3; ++i) {
    f.loop.run_ready();
    const auto again = read_as<ipc::Resolve>(f.resolver_role.receive());
    std::vector<base::IpAddress> all{loopback};
    if (again.message.name == "plain.example") all.push_back(*base::parse_address("127.0.0.2"));
    f.resolver_role.send(ipc::Resolved{.addresses = all}, again.id);
  }
  f.loop.run_until([&] { return f.sources.names({1}).address == "127.0.0.2"; });
}

TEST_CASE("questions leave from the sockets that were bound for acquisitionport, each by one that is free") {
  const auto server = base::bind_udp({loopback, 0}, {});
  const auto other = base::bind_udp({loopback, 0}, {});
  const auto port = base::local_endpoint(base::bind_udp({loopback, 0}, {})->get())->port;
  auto bound = base::bind_udp({loopback, port}, {});  // one that is chosen by the kernel would not stay
  auto settings = Fixture::one_shot();
  settings.acquisition_sockets = {bound->release()};
  Fixture f{settings};
  base::SocketAddress from;
  std::array<char, 64> octets{};
  const auto comes_to = [&](const base::Fd& socket) {
    return recvfrom(socket.get(), octets.data(), octets.size(), MSG_DONTWAIT, from.get(), &from.size) > 0;
  };
  f.add(server_line("127.0.0.1", base::local_endpoint(server->get())->port));
  f.loop.run_until([&] { return comes_to(*server); });
  CHECK(base::to_endpoint(from).port == port);
  f.add(server_line("127.0.0.1", base::local_endpoint(other->get())->port));
  f.loop.run_until([&] { return f.log.says("sockets of acquisitionport: Device or resource busy"); });
  CHECK_FALSE(comes_to(*other));
}

TEST_CASE("a peer is spoken with from one socket with our port, where requests of its host are answered") {
  const auto peer = base::bind_udp({loopback, 0}, {});
  const auto port = base::local_endpoint(base::bind_udp({loopback, 0}, {})->get())->port;
  auto bound = base::bind_udp({loopback, port}, {});
  core::SourcesSettings settings;
  settings.server.port = port;
  settings.peer_sockets = {bound->release()};
  settings.answer = [](const engine::Received& request, base::MutableBytes out) {
    std::ranges::copy(request.datagram, out.begin());
    out[0] = 0x24;
    return request.datagram.size();
  };
  Fixture f{settings};
  auto line = server_line("127.0.0.1", base::local_endpoint(peer->get())->port);
  line.kind = config::SourceKind::peer;
  f.add(line);
  std::array<std::uint8_t, 100> octets{};
  base::SocketAddress from;
  const auto comes = [&] {
    return recvfrom(peer->get(), octets.data(), octets.size(), MSG_DONTWAIT, from.get(), &from.size) > 0;
  };
  f.loop.run_until(comes);
  CHECK((octets[0] & 7U) == 1);
  CHECK(base::to_endpoint(from).port == port);
  const std::array<std::uint8_t, 48> request{0x23};
  const auto to = base::to_socket_address({loopback, port});
  REQUIRE(sendto(peer->get(), request.data(), request.size(), 0, to.get(), to.size) == 48);
  f.loop.run_until(comes);
  CHECK(octets[0] == 0x24);
  CHECK(f.reports().front().ntp.total_rx == 0);
}

TEST_CASE("a peer with NTS is not used, and why is said") {
  Fixture f{core::SourcesSettings{}};
  auto line = server_line("127.0.0.1", 9);
  line.kind = config::SourceKind::peer;
  line.nts = true;
  CHECK_FALSE(f.sources.add(line));
  CHECK(f.log.says("NTS protects clients and servers only"));
}

TEST_CASE("a pool whose name does not resolve says so as a server does") {
  Fixture f;
  auto pool = server_line("pool.example", 9);
  pool.kind = config::SourceKind::pool;
  f.add(pool);
  f.loop.run_ready();
  const auto asked = read_as<ipc::Resolve>(f.resolver_role.receive());
  f.resolver_role.send(ipc::ResolveFailed{ipc::ResolveError::not_found}, asked.id);
  f.loop.run_until([&] { return !f.notes.empty(); });
  CHECK(std::get<engine::note::ResolveFailed>(f.notes.front().subject).next_try > base::Duration{0});
  CHECK(f.sources.names(f.notes.front().source).name == "pool.example");
}

TEST_CASE("a pool's member whose address is gone from the name keeps it while no other is free") {
  Fixture f;
  f.add(server_line("127.0.0.1", 9));
  auto pool = server_line("pool.example", 9);
  pool.kind = config::SourceKind::pool;
  f.add(pool);
  f.loop.run_ready();
  auto asked = read_as<ipc::Resolve>(f.resolver_role.receive());
  f.resolver_role.send(ipc::Resolved{.addresses = {*base::parse_address("127.0.0.2")}}, asked.id);
  f.loop.run_until([&] { return f.sources.names({3}).address == "127.0.0.2"; });
  f.sources.interrupt_all(engine::InterruptKind::refresh);
  f.loop.run_ready();
  asked = read_as<ipc::Resolve>(f.resolver_role.receive());
  f.resolver_role.send(ipc::Resolved{.addresses = {loopback}}, asked.id);
  f.loop.run_ready();
  CHECK(f.log.lines.empty());
  CHECK(
      std::ranges::none_of(f.notes, [](const auto& n) { return is_about<engine::note::ResolveFailed>(n); }));
}

TEST_CASE("whoever sets the clock every minute does not make a burst of it every minute") {
  Fixture f;
  auto now = f.loop.now().mono;
  int bursts = 0;
  for (int minute = 0; minute < 600; ++minute, now += std::chrono::minutes{1})
    if (f.sources.may_burst_for_jump(now)) ++bursts;
  CHECK(bursts >= 3);
  CHECK(bursts < 40);
}

TEST_CASE("a burst of all sources asks nothing of those that are off line") {
  Fixture f;
  const auto silent = base::bind_udp({loopback, 0}, {});
  auto line = server_line("127.0.0.1", base::local_endpoint(silent->get())->port);
  line.offline = true;
  f.add(line);
  f.loop.run_ready();
  f.sources.interrupt_all(engine::InterruptKind::burst);
  f.loop.run_ready();
  CHECK(f.reports().at(0).activity == engine::Activity::offline);
  CHECK(f.reports().at(0).ntp.total_tx == 0);
}

TEST_CASE("what the system says to a request that it does not send is said once") {
  auto settings = Fixture::one_shot();
  settings.client.bind_addresses = {*base::parse_address("192.0.2.77")};  // not ours
  Fixture f{settings};
  f.add(server_line("127.0.0.1", 9));
  f.loop.run_until([&] { return f.reports().at(0).ntp.total_tx >= 3; });
  REQUIRE(f.log.lines.size() == 1);
  CHECK(f.log.lines[0] == "Could not send to 127.0.0.1: bind: Cannot assign requested address");
  CHECK(f.reports().at(0).send_failure == "bind: Cannot assign requested address");
}

TEST_CASE("when no source has anything to say, that is reported once") {
  Fixture f;
  // Nobody listens there: every exchange ends in silence.
  const auto silent = base::bind_udp({loopback, 0}, {});
  f.add(server_line("127.0.0.1", base::local_endpoint(silent->get())->port));
  f.loop.run_until([&] { return f.finished == 1; });
  CHECK(f.measured.empty());
}
