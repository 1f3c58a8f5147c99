// SPDX-License-Identifier: GPL-2.0-or-later
// Who may connect to the server role, how many, how often; and how the role ends.
#include <sys/socket.h>

#include <csignal>
#include <fstream>
#include <string>
#include <thread>

#include "helpers/ntske/session_table.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/ntske/server_fixture.hpp"

using namespace gnomon;
using namespace gnomon::test;
using ipc::SessionEnd;

namespace {

int status_of_server_with(const ipc::CertificatePair& pair, std::string& said) {
  const auto listener = listen_on_loopback();
  RoleProcess server{words_of(server_setup({pair})), {listener.fd.get()}};
  const int status = server.wait();
  said = server.said();
  return status;
}

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
  std::this_thread::sleep_for(ntske::late_patience + std::chrono::milliseconds{100});
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

TEST_CASE("the pair whose certificate is for the wanted name is shown, the first one otherwise") {
  const TemporaryFolder folder;
  const Authority authority{folder};
  const auto listener = listen_on_loopback();
  RoleProcess server{words_of(server_setup({authority.issue("first", "DNS:first.example"),
                                            authority.issue("second", "DNS:second.example,DNS:also.example",
                                                            "RSA -pkeyopt rsa_keygen_bits:2048")})),
                     {listener.fd.get()}};
  const auto names = [&](const std::string& wanted) {
    auto client = TlsPeer::connect(listener.endpoint, "ntske/1", wanted);
    REQUIRE(client.shaken());
    return client.peer_names();
  };
  CHECK(names("") == "first.example");
  CHECK(names("first.example") == "first.example");
  CHECK(names("second.example").find("second.example") != std::string::npos);
  CHECK(names("also.example").find("second.example") != std::string::npos);
  CHECK(names("unknown.example") == "first.example");
}

TEST_CASE("certificates and keys that are no use end the role with status 3 and say what to do") {
  const TemporaryFolder folder;
  const Authority authority{folder};
  const auto good = authority.issue("good", "DNS:time.example");
  const auto other = authority.issue("other", "DNS:time.example");
  std::ofstream{folder.file("text")} << "this is no PEM\n";
  std::string said;
  CHECK(status_of_server_with({folder.file("missing"), good.key_file}, said) == 3);
  CHECK(said.find(folder.file("missing") + ": No such file or directory. Check ntsservercert") !=
        std::string::npos);
  CHECK(status_of_server_with({folder.file("text"), good.key_file}, said) == 3);
  CHECK(said.find("holds no usable certificate chain") != std::string::npos);
  CHECK(status_of_server_with({good.certificate_file, folder.file("text")}, said) == 3);
  CHECK(said.find("holds no usable private key") != std::string::npos);
  CHECK(status_of_server_with({good.certificate_file, other.key_file}, said) == 3);
  CHECK(said.find("does not belong to the certificate") != std::string::npos);
  CHECK(status_of_server_with({folder.path(), good.key_file}, said) == 3);
  CHECK(said.find("is not a regular file") != std::string::npos);
}

TEST_CASE("a certificate with few days left is served and warned about") {
  const TemporaryFolder folder;
  const Authority authority{folder};
  const auto listener = listen_on_loopback();
  RoleProcess server{words_of(server_setup({authority.issue("short", "DNS:time.example",
                                                            "EC -pkeyopt ec_paramgen_curve:P-256", 5)})),
                     {listener.fd.get()}};
  auto client = TlsPeer::connect(listener.endpoint);
  CHECK(client.shaken());
  server.close_channel();
  CHECK(server.wait() == 0);
  CHECK(server.said().find("in less than 30 days") != std::string::npos);
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
