// SPDX-License-Identifier: GPL-2.0-or-later
// Who may connect to the server role, how many, how often; and how the role ends.
#include <sys/socket.h>

#include <csignal>
#include <fstream>
#include <string>
#include <thread>

#include "helpers/ntske/server/session_table.hpp"

#include "tests/interop/programs/ntske/server_fixture.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::testing;
using ipc::SessionEnd;

namespace {

// KiB. AddressSanitizer keeps memory that was freed.
#if defined(__SANITIZE_ADDRESS__)
constexpr long most_per_client = 1000;
#elif defined(__has_feature)
constexpr long most_per_client = __has_feature(address_sanitizer) ? 1000 : 20;
#else
constexpr long most_per_client = 20;
#endif

// KiB
long anonymous_memory(pid_t process) {
  std::ifstream status{"/proc/" + std::to_string(process) + "/status"};
  for (std::string word; status >> word;)
    if (word == "RssAnon:") {
      long kib = 0;
      status >> kib;
      return kib;
    }
  return -1;
}

}  // namespace

TEST_CASE("an address without permission is closed at once") {
  auto setup = server_setup({});
  setup.access = {{.allow = true, .subnet = {*base::parse_address("192.0.2.0"), 24}, .all = false}};
  ServerAlone alone{setup};
  const auto client = connect_to(alone.listener.endpoint);
  CHECK(read_raw(client.get()).empty());
  const auto event = alone.ended_session();
  CHECK(event.how == SessionEnd::denied_address);
  CHECK(base::to_string(event.client.address) == "127.0.0.1");
  CHECK(event.client.port != 0);
}

TEST_CASE("when all places are taken the oldest session of a network with several gives way") {
  auto setup = server_setup({});
  setup.max_connections = 2;
  ServerAlone alone{setup};
  const auto idle = connect_to(alone.listener.endpoint);
  auto second = alone.connect();
  REQUIRE(second.shaken());
  auto third = alone.connect();
  REQUIRE(third.shaken());
  CHECK(read_raw(idle.get()).empty());
  CHECK(alone.ended() == SessionEnd::displaced);
  third.say(good_request);
  static_cast<void>(alone.seal());
  CHECK_FALSE(third.listen().empty());
  CHECK(alone.ended() == SessionEnd::served);
}

TEST_CASE("a session that waits for its cookies is not displaced: the newcomer waits") {
  auto setup = server_setup({});
  setup.max_connections = 1;
  ServerAlone alone{setup};
  auto first = alone.connect();
  first.say(good_request);
  auto [order, id] = alone.server.receive<ipc::SealCookies>();
  const auto second = connect_to(alone.listener.endpoint);
  // Longer than anybody else is left in peace.
  std::this_thread::sleep_for(ntske::late_timeout + std::chrono::milliseconds{100});
  alone.server.send(ipc::SealedCookies{{base::Buffer(100, 0xcc)}}, id);
  CHECK_FALSE(first.listen().empty());
  CHECK(alone.ended() == SessionEnd::served);
}

TEST_CASE(
    "idle and dribbling clients by the hundred cost little, and a good one among them is served at once") {
  constexpr int crowd = 200;
  auto setup = server_setup({});
  setup.max_connections = 3 * crowd;
  ServerAlone alone{setup};
  std::vector<base::Fd> others;
  const base::Buffer start{22, 3, 1, 2, 0, 1};  // of a record that never becomes whole
  const auto before = anonymous_memory(alone.server.pid());
  for (int i = 0; i < 2 * crowd; ++i) {
    others.push_back(connect_to(alone.listener.endpoint));
    if (i % 2 == 0) CHECK(::send(others.back().get(), start.data(), start.size(), MSG_NOSIGNAL) == 6);
  }
  const auto began = std::chrono::steady_clock::now();
  expect_service(alone);
  CHECK(std::chrono::steady_clock::now() - began <
        std::chrono::seconds{2});  // sooner than a place falls vacant
  CHECK((anonymous_memory(alone.server.pid()) - before) / (2L * crowd) < most_per_client);
}

TEST_CASE("an address that begins sessions too often is closed at once") {
  auto setup = server_setup({});
  setup.rate_limit = true;
  setup.rate_interval = 12;
  setup.rate_burst = 2;
  setup.rate_leak = 4;
  ServerAlone alone{setup};
  int refused = 0;
  for (int i = 0; i < 40; ++i) {
    connect_to(alone.listener.endpoint).close();
    if (alone.ended() == SessionEnd::rate_limited) ++refused;
  }
  // Two from the burst, and one in sixteen of the others leaks through: 38 leaks do not happen.
  CHECK(refused > 0);
  CHECK(refused <= 38);
}

TEST_CASE("what a server before this one, or beside it, did to the listener does not keep clients waiting") {
  ServerAlone alone;
  const int never = 1 << 30;
  // A connection that was there before the server looked, and one that comes while it does.
  for (const bool waits : {true, false}) {
    REQUIRE(setsockopt(alone.listener.fd.get(), SOL_SOCKET, SO_RCVLOWAT, &never, sizeof never) == 0);
    if (waits) kill(alone.server.pid(), SIGSTOP);
    const std::jthread later{[&] {
      std::this_thread::sleep_for(std::chrono::milliseconds{300});
      kill(alone.server.pid(), SIGCONT);
    }};
    expect_service(alone);
  }
}

TEST_CASE("a server that starts makes the listener it shares what it was") {
  ServerAlone alone;
  int octets = 1 << 30;
  socklen_t size = sizeof octets;
  REQUIRE(setsockopt(alone.listener.fd.get(), SOL_SOCKET, SO_RCVLOWAT, &octets, size) == 0);
  RoleProcess next{words_of(alone.with_certificate(server_setup({}))), {alone.listener.fd.get()}};
  static_cast<void>(next.receive<ipc::CertificateFacts>());
  REQUIRE(getsockopt(alone.listener.fd.get(), SOL_SOCKET, SO_RCVLOWAT, &octets, &size) == 0);
  CHECK(octets == 1);
}

TEST_CASE("the server role ends with its core, sessions or not") {
  ServerAlone alone;
  auto waiting = alone.connect();
  REQUIRE(waiting.shaken());
  waiting.say(good_request);
  static_cast<void>(alone.server.receive<ipc::SealCookies>());
  alone.server.close_channel();
  CHECK(alone.server.wait() == 0);
}

TEST_CASE("the server role leaves a core that talks nonsense") {
  ServerAlone alone;
  SECTION("garbage") {
    alone.server.send_octets(base::Buffer(20, 0xff));
  }
  SECTION("an empty body") {
    alone.server.send_octets(base::Buffer{1, 17, 0, 0, 0, 0, 0, 1});
  }
  SECTION("a message for another role") {
    alone.server.send(ipc::ReadClock{}, 1);
  }
  SECTION("cookies nobody asked for") {
    alone.server.send(ipc::SealedCookies{{base::Buffer(100, 1)}}, 12);
  }
  CHECK(alone.server.wait() == 4);
}

TEST_CASE("words the role does not know end it with status 2") {
  const auto words = GENERATE(std::vector<std::string>{"server", "colour=blue"},
                              std::vector<std::string>{"client", "colour=blue"},
                              std::vector<std::string>{"both"}, std::vector<std::string>{});
  RoleProcess role{words, {}};
  CHECK(role.wait() == 2);
}
