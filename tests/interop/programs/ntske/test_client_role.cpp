// SPDX-License-Identifier: GPL-2.0-or-later
// The client role against servers that are good, odd, broken or hostile.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <optional>

#include "tests/interop/programs/ntske/certificates.hpp"
#include "tests/interop/programs/ntske/role_process.hpp"
#include "tests/interop/programs/ntske/tls_peer.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::testing;
using protocol::DateCheck;
using protocol::KeFailureReason;

namespace {

// A client role and a listener where the test plays the server.
struct ClientAlone {
  TemporaryFolder folder;
  Authority authority{folder};
  ipc::CertificatePair certificate = authority.issue("server", "DNS:time.example");
  Listener listener = listen_on_loopback();
  RoleProcess client;

  ClientAlone() : client(words_of(setup()), {}) {}

  [[nodiscard]] ipc::KeClientSetup setup() const {
    ipc::KeClientSetup setup;
    setup.system_certificates = false;
    setup.trusted = {{.set = 0, .path = authority.certificate_file()}, {.set = 5, .path = folder.path()}};
    return setup;
  }
  [[nodiscard]] ipc::Establish order(std::uint32_t set = 0) const {
    ipc::Establish order;
    order.name = "time.example";
    order.server = listener.endpoint;
    order.cert_set = set;
    order.aeads = {30, 15};
    order.verification_time = system_time();
    return order;
  }
  [[nodiscard]] TlsPeer accept(const std::string& alpn = "ntske/1") const {
    return TlsPeer::accept(listener.fd.get(), certificate, alpn);
  }
  [[nodiscard]] protocol::KeFailure failure() { return client.receive<ipc::EstablishFailed>().first.failure; }
  // What the client makes of a server that sends this and closes.
  [[nodiscard]] KeFailureReason failure_at(const base::Buffer& answer) {
    client.send(order(), 1);
    auto server = accept();
    REQUIRE(server.shaken());
    static_cast<void>(server.listen_until(16));
    server.say(answer);
    server.close();
    return failure().reason;
  }
};

base::Buffer answer(std::uint8_t aead, const base::Buffer& extra = {}) {
  base::Buffer octets{0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, aead};
  octets.insert(octets.end(), extra.begin(), extra.end());
  octets.insert(octets.end(), {0, 5, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x80, 0, 0, 0});
  return octets;
}

const base::Buffer record_1024{0x04, 0, 0, 0};

}  // namespace

TEST_CASE("the request offers what was ordered, and record 1024 with AEAD 30") {
  ClientAlone alone;
  alone.client.send(alone.order(), 1);
  auto server = alone.accept();
  REQUIRE(server.shaken());
  const base::Buffer expected{0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 4, 0, 30, 0, 15, 4, 0, 0, 0, 0x80, 0, 0, 0};
  CHECK(server.listen_until(expected.size()) == expected);
}

TEST_CASE("AEAD 30 without record 1024 in the answer leaves both kinds of keys, the older first") {
  ClientAlone alone;
  alone.client.send(alone.order(), 1);
  auto server = alone.accept();
  server.say(answer(30));
  const auto session = alone.client.receive<ipc::Established>().first.session;
  const auto older = ntske::export_keys(server.session(), protocol::AeadId::aes_128_gcm_siv, 15);
  const auto compliant = ntske::export_keys(server.session(), protocol::AeadId::aes_128_gcm_siv, 30);
  REQUIRE(session.compliant_keys);
  CHECK(session.keys.c2s == older->c2s);
  CHECK(session.keys.s2c == older->s2c);
  CHECK(session.compliant_keys->c2s == compliant->c2s);
  CHECK(session.compliant_keys->s2c == compliant->s2c);
}

TEST_CASE("AEAD 30 with record 1024 in the answer leaves the compliant keys only") {
  ClientAlone alone;
  alone.client.send(alone.order(), 1);
  auto server = alone.accept();
  server.say(answer(30, record_1024));
  const auto session = alone.client.receive<ipc::Established>().first.session;
  const auto compliant = ntske::export_keys(server.session(), protocol::AeadId::aes_128_gcm_siv, 30);
  CHECK_FALSE(session.compliant_keys);
  CHECK(session.keys.c2s == compliant->c2s);
}

TEST_CASE("an answer may come octet by octet and the client says goodbye") {
  ClientAlone alone;
  alone.client.send(alone.order(), 1);
  auto server = alone.accept();
  static_cast<void>(server.listen_until(22));
  for (const auto octet : answer(15)) server.say({&octet, 1});
  CHECK(alone.client.receive<ipc::Established>().first.session.cookies.size() == 1);
  CHECK(server.listen().empty());
  CHECK(server.saw_close_notify());
}

TEST_CASE("servers with keys of every kind are believed") {
  const auto* const key = GENERATE("RSA -pkeyopt rsa_keygen_bits:2048", "ED25519");
  INFO(key);
  ClientAlone alone;
  alone.certificate = alone.authority.issue("server", "DNS:time.example", key);
  alone.client.send(alone.order(), 1);
  auto server = alone.accept();
  server.say(answer(15));
  CHECK(alone.client.receive<ipc::Established>().second == 1);
}

TEST_CASE("a common name is no name of the server") {
  ClientAlone alone;
  alone.certificate = alone.authority.issue("time.example", "email:who@time.example");
  alone.client.send(alone.order(), 1);
  auto server = alone.accept();
  const auto failure = alone.failure();
  CHECK(failure.reason == KeFailureReason::certificate_wrong_name);
  CHECK(failure.detail.find("RFC 9525") != std::string::npos);
}

TEST_CASE("a certificate without any alternative name is refused whatever its common name") {
  ClientAlone alone;
  alone.certificate = alone.authority.issue("time.example", "");
  alone.client.send(alone.order(), 1);
  auto server = alone.accept();
  const auto failure = alone.failure();
  CHECK(failure.reason == KeFailureReason::certificate_wrong_name);
  CHECK(failure.detail.find("no subject alternative name") != std::string::npos);
}

TEST_CASE("a set may hold the very certificate of its server") {
  ClientAlone alone;
  const auto own = alone.folder / "own";
  REQUIRE(std::system(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 "
                       "-subj /CN=pinned -addext subjectAltName=DNS:time.example -addext "
                       "basicConstraints=critical,CA:FALSE -keyout " +
                       own + ".key -out " + own + ".pem >/dev/null 2>&1")
                          .c_str()) == 0);
  auto setup = alone.setup();
  setup.trusted = {{.set = 0, .path = alone.authority.certificate_file()}, {.set = 7, .path = own + ".pem"}};
  RoleProcess client{words_of(setup), {}};
  for (const std::uint32_t set : {7U, 0U}) {
    client.send(alone.order(set), 1);
    auto server = TlsPeer::accept(alone.listener.fd.get(), {own + ".pem", own + ".key"});
    if (set == 0) {
      CHECK(client.receive<ipc::EstablishFailed>().first.failure.reason ==
            KeFailureReason::certificate_untrusted);
      continue;
    }
    server.say(answer(15));
    CHECK(client.receive<ipc::Established>().second == 1);
  }
}

TEST_CASE("answers that break the rules are refused") {
  ClientAlone alone;
  CHECK(alone.failure_at({}) == KeFailureReason::closed_by_peer);
  CHECK(alone.failure_at({0x80, 1, 0}) == KeFailureReason::bad_response);
  CHECK(alone.failure_at(base::Buffer(100, 0xff)) == KeFailureReason::bad_response);
  CHECK(alone.failure_at(answer(15, {0xff, 0xfe, 0, 0})) == KeFailureReason::bad_response);
  CHECK(alone.failure_at(answer(17)) == KeFailureReason::bad_response);
  CHECK(alone.failure_at({0x80, 2, 0, 2, 0, 1, 0x80, 0, 0, 0}) == KeFailureReason::refused_by_server);
  CHECK(alone.failure_at({0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 0, 0x80, 0, 0, 0}) ==
        KeFailureReason::no_common_aead);
}

TEST_CASE("an answer without end is refused at 65536 octets") {
  ClientAlone alone;
  alone.client.send(alone.order(), 1);
  auto server = alone.accept();
  base::Buffer records;
  for (int i = 0; i < 70; ++i) {
    records.insert(records.end(), {0, 99, 4, 0});
    records.insert(records.end(), 1024, 0);
  }
  server.say(records);
  CHECK(alone.failure().reason == KeFailureReason::bad_response);
}

TEST_CASE("the client wants no session tickets: long nonces in them end wolfSSL's session") {
  ClientAlone alone;
  alone.client.send(alone.order(), 1);
  const base::Fd server{::accept(alone.listener.fd.get(), nullptr, nullptr)};
  std::array<std::uint8_t, 4096> hello{};
  const auto size = ::recv(server.get(), hello.data(), hello.size(), 0);
  REQUIRE(size > 0);
  const base::Bytes octets{hello.data(), static_cast<std::size_t>(size)};
  // psk_key_exchange_modes (45): one mode, and not psk_dhe_ke (1), the one that servers have tickets for.
  const std::array<std::uint8_t, 6> dhe{0, 45, 0, 2, 1, 1};
  const std::array<std::uint8_t, 6> both{0, 45, 0, 3, 2, 0};
  CHECK(std::ranges::search(octets, dhe).empty());
  CHECK(std::ranges::search(octets, both).empty());
}

TEST_CASE("a server that does not select ntske/1 gets no request") {
  ClientAlone alone;
  alone.client.send(alone.order(), 1);
  SECTION("it ignores ALPN") {
    auto server = alone.accept("");
    CHECK(server.listen().empty());
  }
  SECTION("it speaks something else") {
    static_cast<void>(alone.accept("http/1.1"));
  }
  CHECK(alone.failure().reason == KeFailureReason::no_alpn);
}

TEST_CASE("a certificate of an unknown authority is refused, dates ignored or not") {
  ClientAlone alone;
  const Authority stranger{alone.folder, "stranger"};
  auto order = alone.order();
  order.date_check = GENERATE(DateCheck::strict, DateCheck::forgive_early, DateCheck::ignore);
  if (order.date_check == DateCheck::ignore) order.verification_time += std::chrono::days{91};
  alone.client.send(order, 1);
  static_cast<void>(TlsPeer::accept(alone.listener.fd.get(), stranger.issue("other", "DNS:time.example")));
  CHECK(alone.failure().reason == KeFailureReason::certificate_untrusted);
}

TEST_CASE("a DNS name that spells the server's address is not that address") {
  ClientAlone alone;
  alone.certificate = alone.authority.issue("spelt", "DNS:127.0.0.1");
  auto order = alone.order();
  order.name = "127.0.0.1";
  alone.client.send(order, 1);
  static_cast<void>(alone.accept());
  CHECK(alone.failure().reason == KeFailureReason::certificate_wrong_name);
}

TEST_CASE("an authority whose own certificate has expired vouches for nobody unless dates are ignored") {
  ClientAlone alone;
  const Authority brief{alone.folder, "brief", 10};
  const auto pair = brief.issue("of-brief", "DNS:time.example");
  auto setup = alone.setup();
  setup.trusted = {{.set = 0, .path = brief.certificate_file()}};
  RoleProcess client{words_of(setup), {}};
  auto order = alone.order();
  order.verification_time += std::chrono::days{20};
  client.send(order, 1);
  CHECK(client.receive<ipc::EstablishFailed>().first.failure.reason ==
        KeFailureReason::certificate_untrusted);
  order.date_check = DateCheck::forgive_early;  // it is not early
  client.send(order, 2);
  CHECK(client.receive<ipc::EstablishFailed>().first.failure.reason ==
        KeFailureReason::certificate_untrusted);
  order.date_check = DateCheck::ignore;
  client.send(order, 3);
  for (int given_up = 0; given_up < 2; ++given_up)
    static_cast<void>(::accept(alone.listener.fd.get(), nullptr, nullptr));
  auto server = TlsPeer::accept(alone.listener.fd.get(), pair);
  server.say(answer(15));
  CHECK(client.receive<ipc::Established>().second == 3);
}

TEST_CASE("a set without certificates trusts nobody") {
  ClientAlone alone;
  alone.client.send(alone.order(3), 1);
  const auto failure = alone.failure();
  CHECK(failure.reason == KeFailureReason::certificate_untrusted);
  CHECK(failure.detail.find("set 3") != std::string::npos);
}

TEST_CASE("a set may be a folder of certificates") {
  ClientAlone alone;
  alone.client.send(alone.order(5), 1);
  auto server = alone.accept();
  server.say(answer(15));
  CHECK(alone.client.receive<ipc::Established>().second == 1);
}

TEST_CASE("what does not answer as TLS is told apart") {
  ClientAlone alone;
  auto order = alone.order();
  SECTION("nobody listens") {
    order.server = unused_endpoint();
    alone.client.send(order, 1);
    CHECK(alone.failure().reason == KeFailureReason::connect_refused);
  }
  SECTION("it closes at once") {
    alone.client.send(order, 1);
    base::Fd{::accept(alone.listener.fd.get(), nullptr, nullptr)}.close();
    CHECK(alone.failure().reason == KeFailureReason::closed_by_peer);
  }
  SECTION("it speaks another language") {
    alone.client.send(order, 1);
    const base::Fd server{::accept(alone.listener.fd.get(), nullptr, nullptr)};
    REQUIRE(::send(server.get(), "HTTP/1.1 400 Bad Request\r\n\r\n", 28, MSG_NOSIGNAL) == 28);
    CHECK(alone.failure().reason == KeFailureReason::tls_handshake);
  }
  SECTION("it only knows TLS 1.2") {
    alone.client.send(order, 1);
    const base::Fd server{::accept(alone.listener.fd.get(), nullptr, nullptr)};
    const std::array<std::uint8_t, 7> alert{21, 3, 3, 0, 2, 2, 70};  // fatal, protocol_version
    REQUIRE(::send(server.get(), alert.data(), alert.size(), MSG_NOSIGNAL) == 7);
    const auto failure = alone.failure();
    CHECK(failure.reason == KeFailureReason::tls_handshake);
    CHECK(failure.detail.find("protocol_version") != std::string::npos);
  }
}

TEST_CASE("the thirty-third session at the same time is told that the role is busy") {
  ClientAlone alone;
  for (std::uint32_t id = 1; id <= 33; ++id) alone.client.send(alone.order(), id);
  const auto [failed, id] = alone.client.receive<ipc::EstablishFailed>();
  CHECK(id == 33);
  CHECK(failed.failure.reason == KeFailureReason::busy);
}

TEST_CASE("the client role ends with its core, sessions or not") {
  ClientAlone alone;
  SECTION("idle") {}
  SECTION("in the handshake") {
    alone.client.send(alone.order(), 1);
  }
  alone.client.close_channel();
  CHECK(alone.client.wait() == 0);
}

TEST_CASE("what a terminal or systemd sends to all processes at once ends no session") {
  ClientAlone alone;
  alone.client.send(alone.order(), 1);
  auto server = alone.accept();
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::kill(alone.client.pid(), signal);
  server.say(answer(15));
  CHECK(alone.client.receive<ipc::Established>().second == 1);
  alone.client.close_channel();
  CHECK(alone.client.wait() == 0);
}

TEST_CASE("the client role leaves a core that talks nonsense") {
  ClientAlone alone;
  SECTION("garbage") {
    alone.client.send_octets(base::Buffer(20, 0xff));
  }
  SECTION("an order without a number") {
    alone.client.send(alone.order(), 0);
  }
  SECTION("a message for another role") {
    alone.client.send(ipc::SealRefused{}, 1);
  }
  CHECK(alone.client.wait() == 4);
}

TEST_CASE("a file of trusted certificates that cannot be read is warned about and the rest is used") {
  ClientAlone alone;
  auto setup = alone.setup();
  setup.trusted.push_back({.set = 0, .path = alone.folder / "missing"});
  RoleProcess client{words_of(setup), {}};
  client.send(alone.order(), 1);
  auto server = alone.accept();
  server.say(answer(15));
  CHECK(client.receive<ipc::Established>().second == 1);
  client.close_channel();
  CHECK(client.wait() == 0);
  CHECK(client.said().find(alone.folder / "missing") != std::string::npos);
}
