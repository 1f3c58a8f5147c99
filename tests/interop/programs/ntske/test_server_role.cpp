// SPDX-License-Identifier: GPL-2.0-or-later
// The server role against clients that are good, odd, broken, slow or hostile.
#include <sys/socket.h>

#include <chrono>
#include <thread>

#include "helpers/ntske/server/session_table.hpp"

#include "protocol/nts/records.hpp"
#include "tests/interop/programs/ntske/server_fixture.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::testing;
using ipc::SessionEnd;

namespace {

struct BadRequest {
  const char* what;
  base::Buffer octets;
  std::uint8_t error;
};

}  // namespace

TEST_CASE("a good session is answered, closed with close_notify and reported") {
  ServerAlone alone;
  expect_service(alone);
}

TEST_CASE("a request may come octet by octet") {
  ServerAlone alone;
  auto client = alone.connect();
  for (const auto octet : good_request) client.say({&octet, 1});
  static_cast<void>(alone.seal());
  CHECK_FALSE(client.listen().empty());
  CHECK(alone.ended() == SessionEnd::served);
}

TEST_CASE("octets after End of Message change nothing") {
  ServerAlone alone;
  auto client = alone.connect();
  auto octets = good_request;
  octets.insert(octets.end(), {0x80, 0x7f, 0, 0, 1, 2, 3});
  client.say(octets);
  client.say(octets);
  static_cast<void>(alone.seal());
  CHECK(client.listen().size() == 120);
  CHECK(alone.ended() == SessionEnd::served);
}

TEST_CASE("a client that closes only its TLS side after the request gets its answer") {
  ServerAlone alone;
  auto client = alone.connect();
  client.say(good_request);
  wolfSSL_shutdown(&client.session());
  static_cast<void>(alone.seal());
  CHECK(alone.ended() == SessionEnd::served);
}

TEST_CASE("requests that break the rules get the error the RFC gives them and no cookies") {
  const auto bad = GENERATE(
      BadRequest{"unknown critical record",
                 {0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, 15, 0xff, 0xff, 0, 0, 0x80, 0, 0, 0},
                 0},
      BadRequest{"no protocols", {0x80, 4, 0, 2, 0, 15, 0x80, 0, 0, 0}, 1},
      BadRequest{"no AEADs", {0x80, 1, 0, 2, 0, 0, 0x80, 0, 0, 0}, 1},
      BadRequest{
          "a cookie", {0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, 15, 0, 5, 0, 4, 1, 2, 3, 4, 0x80, 0, 0, 0}, 1});
  INFO(bad.what);
  ServerAlone alone;
  auto client = alone.connect();
  client.say(bad.octets);
  CHECK(client.listen() == error_message(bad.error));
  client.close();
  CHECK(alone.ended() == SessionEnd::bad_request);
  expect_service(alone);
}

TEST_CASE("a request without end is cut off with Error 1") {
  ServerAlone alone;
  auto client = alone.connect();
  const base::Buffer start{0, 99, 0x10, 0};  // an unknown record of 4096 octets
  client.say(start);
  client.say(base::Buffer(protocol::max_ke_request_size, 0));
  CHECK(client.listen() == error_message(1));
  CHECK(alone.ended() == SessionEnd::bad_request);
}

TEST_CASE("an unknown protocol is an empty list and no cookies are ordered") {
  ServerAlone alone;
  auto client = alone.connect();
  client.say(base::Buffer{0x80, 1, 0, 2, 0x80, 1, 0x80, 0, 0, 0});
  CHECK(client.listen() == base::Buffer{0x80, 1, 0, 0, 0x80, 0, 0, 0});
  CHECK(alone.ended() == SessionEnd::served);
}

TEST_CASE("without ALPN there are no keys") {
  ServerAlone alone;
  SECTION("none offered") {
    auto client = alone.connect("");
    client.say(good_request);
    CHECK(client.listen().empty());
    client.close();
  }
  SECTION("another one offered") {
    auto client = alone.connect("http/1.1");
    CHECK_FALSE(client.shaken());
  }
  CHECK(alone.ended() == SessionEnd::no_alpn);
  expect_service(alone);
}

TEST_CASE("what is not TLS ends the session and nothing else") {
  ServerAlone alone;
  const auto client = connect_to(alone.listener.endpoint);
  const base::Buffer garbage(300, 0x41);
  REQUIRE(::send(client.get(), garbage.data(), garbage.size(), MSG_NOSIGNAL) > 0);
  static_cast<void>(read_raw(client.get()));
  CHECK(alone.ended() == SessionEnd::tls_failed);
  expect_service(alone);
}

TEST_CASE("TLS 1.2 is refused in the handshake") {
  ServerAlone alone;
  const auto command = "openssl s_client -tls1_2 -alpn ntske/1 -connect " +
                       base::to_string(alone.listener.endpoint) + " </dev/null >" + alone.folder / "out" +
                       " 2>&1";
  CHECK(std::system(command.c_str()) != 0);
  CHECK(alone.ended() == SessionEnd::tls_failed);
}

TEST_CASE("openssl's client agrees on TLS 1.3 with X25519") {
  ServerAlone alone;
  const auto file = alone.folder / "out";
  const auto command = "openssl s_client -alpn ntske/1 -connect " + base::to_string(alone.listener.endpoint) +
                       " </dev/null >" + file + " 2>&1; grep -q 'TLSv1.3' " + file + " && grep -q X25519 " +
                       file + " && grep -q 'ALPN protocol: ntske/1' " + file;
  CHECK(std::system(command.c_str()) == 0);
}

TEST_CASE("clients that leave early are reported and forgotten") {
  ServerAlone alone;
  SECTION("before a word") {
    connect_to(alone.listener.endpoint).close();
  }
  SECTION("after the handshake") {
    alone.connect().reset();
  }
  SECTION("in the middle of the request") {
    auto client = alone.connect();
    client.say(base::Bytes{good_request}.first(7));
    client.close();
  }
  CHECK(alone.ended() == SessionEnd::closed);
  expect_service(alone);
}

TEST_CASE("a client that is not done after two seconds is cut off while another is served") {
  ServerAlone alone;
  const auto begin = std::chrono::steady_clock::now();
  auto slow = alone.connect();
  REQUIRE(slow.shaken());
  slow.say(base::Bytes{good_request}.first(4));
  const auto silent = connect_to(alone.listener.endpoint);
  const auto halfway = connect_to(alone.listener.endpoint);
  const base::Buffer start{22, 3, 1, 2, 0, 1};
  REQUIRE(::send(halfway.get(), start.data(), start.size(), MSG_NOSIGNAL) == 6);
  expect_service(alone);
  // RFC 8915 section 4.1.3: also a request that does not come in time is a bad one. Without TLS there is no
  // saying it.
  CHECK(slow.listen() == error_message(1));
  CHECK(slow.saw_close_notify());
  CHECK(read_raw(silent.get()).empty());
  CHECK(read_raw(halfway.get()).empty());
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds{1900});
  for (int i = 0; i < 3; ++i) CHECK(alone.ended() == SessionEnd::timeout);
  expect_service(alone);
}

TEST_CASE("a client that trickles does not live longer for it") {
  ServerAlone alone;
  auto client = alone.connect();
  REQUIRE(client.shaken());
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t at = 0; at < 4; ++at) {
    client.say(base::Bytes{good_request}.subspan(at, 1));
    std::this_thread::sleep_for(std::chrono::milliseconds{400});
  }
  CHECK(client.listen() == error_message(1));
  CHECK(std::chrono::steady_clock::now() - begin < 2 * ntske::session_limit);
  CHECK(alone.ended() == SessionEnd::timeout);
}

TEST_CASE("cookies that come after their session are dropped, and the client is told it is not its fault") {
  ServerAlone alone;
  auto client = alone.connect();
  client.say(good_request);
  const auto id = alone.server.receive<ipc::SealCookies>().second;
  CHECK(client.listen() == error_message(2));  // when the two seconds are over
  CHECK(alone.ended() == SessionEnd::internal);
  alone.server.send(ipc::SealedCookies{{base::Buffer(100, 0xcc)}}, id);
  expect_service(alone);
}

TEST_CASE("AEAD 30 without record 1024 exports the keys as chrony 4.4 to 4.6 do") {
  ServerAlone alone;
  auto client = alone.connect();
  auto request = good_request;
  request[11] = 30;
  client.say(request);
  const auto order = alone.seal();
  static_cast<void>(client.listen());
  const auto older = ntske::export_keys(client.session(), protocol::AeadId::aes_128_gcm_siv, 15);
  REQUIRE(older);
  CHECK(order.keys.c2s == older->c2s);
  CHECK(order.keys.s2c == older->s2c);
}
