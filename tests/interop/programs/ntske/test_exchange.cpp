// SPDX-License-Identifier: GPL-2.0-or-later
// Both real roles against each other over loopback, the test being the core of both.
#include <algorithm>

#include "base/os/fd.hpp"
#include "tests/interop/programs/ntske/certificates.hpp"
#include "tests/interop/programs/ntske/role_process.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::testing;
using ipc::SessionEnd;
using protocol::DateCheck;
using protocol::KeFailureReason;

namespace {

std::vector<base::Buffer> eight_cookies() {
  std::vector<base::Buffer> cookies;
  for (std::uint8_t i = 0; i < 8; ++i) cookies.emplace_back(100, i);
  return cookies;
}

// A server role, a client role, and what is between them.
struct Pair {
  TemporaryFolder folder;
  Authority authority{folder};
  Listener listener;
  RoleProcess server;
  RoleProcess client;

  explicit Pair(const ipc::KeServerSetup& changes = server_setup({}),
                base::AddressFamily family = base::AddressFamily::ipv4)
      : listener(listen_on_loopback(family)),
        server(words_of(with_certificate(changes)), {listener.fd.get()}),
        client(words_of(trusting(authority.certificate_file())), {}) {
    static_cast<void>(server.receive<ipc::CertificateFacts>());
  }

  ipc::KeServerSetup with_certificate(ipc::KeServerSetup setup) const {
    setup.certificates = {authority.issue("server", "DNS:time.example,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1")};
    return setup;
  }
  static ipc::KeClientSetup trusting(const std::string& file) {
    ipc::KeClientSetup setup;
    setup.system_certificates = false;
    setup.trusted = {{.set = 0, .path = file}};
    return setup;
  }
  ipc::Establish order(std::vector<std::uint16_t> aeads = {15}) const {
    ipc::Establish order;
    order.name = "time.example";
    order.server = listener.endpoint;
    order.aeads = std::move(aeads);
    order.verification_time = system_time();
    return order;
  }
  // Plays the core for one session; the keys the server exported.
  protocol::SessionKeys seal() {
    auto [request, id] = server.receive<ipc::SealCookies>();
    CHECK(request.count == 8);
    server.send(ipc::SealedCookies{eight_cookies()}, id);
    CHECK(server.receive<ipc::SessionsEnded>().first.sessions.at(0).how == SessionEnd::served);
    return std::move(request.keys);
  }
  protocol::KeFailure failure(const ipc::Establish& order) {
    client.send(order, 7);
    auto [failed, id] = client.receive<ipc::EstablishFailed>();
    CHECK(id == 7);
    return failed.failure;
  }
};

}  // namespace

TEST_CASE("a session leaves the same keys at both ends and eight cookies at the client") {
  Pair pair;
  pair.client.send(pair.order(), 1);
  const auto keys = pair.seal();
  const auto [established, id] = pair.client.receive<ipc::Established>();
  CHECK(id == 1);
  CHECK(keys.aead == protocol::AeadId::aes_siv_cmac_256);
  CHECK(established.session.keys.c2s == keys.c2s);
  CHECK(established.session.keys.s2c == keys.s2c);
  CHECK_FALSE(keys.c2s == keys.s2c);
  CHECK(keys.c2s.size() == 32);
  CHECK(established.session.cookies == eight_cookies());
  CHECK(established.session.ntp_server.empty());
  CHECK_FALSE(established.session.ntp_port);
  CHECK_FALSE(established.session.compliant_keys);
}

TEST_CASE("AEAD 30 with record 1024 on both sides uses the compliant keys only") {
  Pair pair;
  pair.client.send(pair.order({30, 15}), 1);
  const auto keys = pair.seal();
  const auto established = pair.client.receive<ipc::Established>().first;
  CHECK(keys.aead == protocol::AeadId::aes_128_gcm_siv);
  CHECK(keys.c2s.size() == 16);
  CHECK(established.session.keys.c2s == keys.c2s);
  CHECK(established.session.keys.s2c == keys.s2c);
  CHECK_FALSE(established.session.compliant_keys);
}

TEST_CASE("AEAD 17 gives keys of 64 octets") {
  auto setup = server_setup({});
  setup.aeads = {17};
  Pair pair{setup};
  pair.client.send(pair.order({17}), 1);
  const auto keys = pair.seal();
  CHECK(keys.c2s.size() == 64);
  CHECK(pair.client.receive<ipc::Established>().first.session.keys.c2s == keys.c2s);
}

TEST_CASE("the server's other name and port for NTP arrive at the client") {
  auto setup = server_setup({});
  setup.ntp_port = 11123;
  setup.ntp_server = "ntp.example";
  Pair pair{setup};
  pair.client.send(pair.order(), 1);
  static_cast<void>(pair.seal());
  const auto established = pair.client.receive<ipc::Established>().first;
  CHECK(established.session.ntp_server == "ntp.example");
  CHECK(established.session.ntp_port == 11123);
}

TEST_CASE("a literal address is found among the addresses of the certificate") {
  const auto family = GENERATE(base::AddressFamily::ipv4, base::AddressFamily::ipv6);
  Pair pair{server_setup({}), family};
  auto order = pair.order();
  order.name = base::to_string(order.server.address);
  pair.client.send(order, 1);
  static_cast<void>(pair.seal());
  CHECK(pair.client.receive<ipc::Established>().first.session.cookies.size() == 8);
}

TEST_CASE("a literal address that is not in the certificate is a wrong name") {
  Pair pair;
  auto order = pair.order();
  order.name = "127.0.0.2";
  CHECK(pair.failure(order).reason == KeFailureReason::certificate_wrong_name);
}

TEST_CASE("a name with the dot of the root is the same name") {
  Pair pair;
  auto order = pair.order();
  order.name = "time.example.";
  pair.client.send(order, 1);
  static_cast<void>(pair.seal());
  CHECK(pair.client.receive<ipc::Established>().second == 1);
}

TEST_CASE("a certificate for another name is refused and the message names ours") {
  Pair pair;
  auto order = pair.order();
  order.name = "other.example";
  const auto failure = pair.failure(order);
  CHECK(failure.reason == KeFailureReason::certificate_wrong_name);
  CHECK(failure.detail.find("other.example") != std::string::npos);
}

TEST_CASE("the core's idea of the time decides about the dates of certificates") {
  using std::chrono::days;
  Pair pair;
  auto order = pair.order();
  SECTION("after the last day") {
    order.verification_time += days{91};
    CHECK(pair.failure(order).reason == KeFailureReason::certificate_expired);
  }
  SECTION("before the first day of the server's certificate and of the authority's") {
    order.verification_time -= days{1};
    const auto reason = pair.failure(order).reason;
    // The authority is not valid then either, so it may be the first thing missed.
    CHECK((reason == KeFailureReason::certificate_not_yet_valid ||
           reason == KeFailureReason::certificate_untrusted));
  }
  SECTION("years before, with what is early forgiven, or all") {
    order.verification_time = base::RealTime{};
    order.date_check = GENERATE(DateCheck::forgive_early, DateCheck::ignore);
    pair.client.send(order, 7);
    static_cast<void>(pair.seal());
    CHECK(pair.client.receive<ipc::Established>().second == 7);
  }
  SECTION("who forgives what is early does not forgive what has expired") {
    order.verification_time += days{91};
    order.date_check = DateCheck::forgive_early;
    CHECK(pair.failure(order).reason == KeFailureReason::certificate_expired);
  }
  SECTION("who ignores dates takes what has expired, too") {
    order.verification_time += days{91};
    order.date_check = DateCheck::ignore;
    pair.client.send(order, 7);
    static_cast<void>(pair.seal());
    CHECK(pair.client.receive<ipc::Established>().second == 7);
  }
  SECTION("ignored dates excuse no wrong name") {
    order.verification_time += days{91};
    order.date_check = DateCheck::ignore;
    order.name = "other.example";
    CHECK(pair.failure(order).reason == KeFailureReason::certificate_wrong_name);
  }
  SECTION("the next session has a time of its own") {
    order.verification_time += days{91};
    CHECK(pair.failure(order).reason == KeFailureReason::certificate_expired);
    static_cast<void>(pair.server.receive<ipc::SessionsEnded>());
    pair.client.send(pair.order(), 8);
    static_cast<void>(pair.seal());
    CHECK(pair.client.receive<ipc::Established>().second == 8);
  }
}

TEST_CASE("nothing in common is an empty AEAD record and said so") {
  auto setup = server_setup({});
  setup.aeads = {15};
  Pair pair{setup};
  CHECK(pair.failure(pair.order({30})).reason == KeFailureReason::no_common_aead);
}

TEST_CASE("the server reports Error 2 when the core refuses cookies") {
  Pair pair;
  pair.client.send(pair.order(), 3);
  const auto id = pair.server.receive<ipc::SealCookies>().second;
  pair.server.send(ipc::SealRefused{}, id);
  CHECK(pair.server.receive<ipc::SessionsEnded>().first.sessions.at(0).how == SessionEnd::internal);
  const auto failed = pair.client.receive<ipc::EstablishFailed>().first;
  CHECK(failed.failure.reason == KeFailureReason::refused_by_server);
}

TEST_CASE("several sessions wait for their cookies at once and get their own") {
  Pair pair;
  for (std::uint32_t id = 1; id <= 4; ++id) pair.client.send(pair.order(), id);
  std::vector<std::pair<std::uint32_t, protocol::SessionKeys>> waiting;
  for (int i = 0; i < 4; ++i) {
    auto [request, id] = pair.server.receive<ipc::SealCookies>();
    waiting.emplace_back(id, std::move(request.keys));
  }
  std::ranges::reverse(waiting);
  for (const auto& [id, keys] : waiting) {
    // The cookie says whose it is.
    const auto whose = keys.c2s.reveal();
    pair.server.send(ipc::SealedCookies{{base::Buffer(whose.begin(), whose.end())}}, id);
  }
  for (int i = 0; i < 4; ++i) {
    const auto session = pair.client.receive<ipc::Established>().first.session;
    REQUIRE(session.cookies.size() == 1);
    CHECK(session.keys.c2s == base::Secret{session.cookies.front()});
  }
}
