// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/nts_client.hpp"

#include "tests/unit/engine/association/nts_server.hpp"

namespace gnomon::testing {

using namespace engine;
using protocol::KeFailureReason;

namespace {

constexpr base::MonoTime start{5000s};
constexpr base::Now now{base::RealTime{1'800'000'000s}, start};

struct Client : NtsClient {
  explicit Client(std::optional<base::Log2Seconds> max_retry = std::nullopt) : NtsClient(max_retry) {}
  void succeed(std::size_t cookies = 8) {
    ke_started(start);
    ke_succeeded(server.session(protocol::AeadId::aes_siv_cmac_256, cookies), start, 0);
  }
  // The wait that follows a failure, without jitter.
  base::Duration fail(KeFailureReason reason) {
    ke_started(start);
    return ke_failed({reason, {}}, now, 0);
  }
  NtsServer server;
};

}  // namespace

TEST_CASE("without keys NTS-KE is wanted; with keys again when they are older than the refresh interval") {
  Client client;
  CHECK(client.wants_ke(start, 100s));
  CHECK_FALSE(client.ready());
  client.succeed();
  CHECK(client.ready());
  CHECK_FALSE(client.wants_ke(start + 100s, 100s));
  CHECK(client.wants_ke(start + 101s, 100s));
  CHECK_FALSE(client.wants_ke(start + 101s, 0s));
  client.demand_ke();
  CHECK(client.wants_ke(start, 0s));
}

TEST_CASE("each cookie is given out once, the oldest first, and without one NTS-KE is wanted") {
  Client client;
  const auto session = client.server.session(protocol::AeadId::aes_siv_cmac_256, 2);
  client.ke_succeeded(session, start, 0);
  CHECK(client.take_cookie() == session.cookies[0]);
  CHECK(client.take_cookie() == session.cookies[1]);
  CHECK(client.cookies() == 0);
  CHECK_FALSE(client.ready());
  CHECK(client.wants_ke(start, 0s));
}

TEST_CASE("the jar holds eight cookies and no empty one") {
  Client client;
  client.succeed(8);
  const auto session = client.server.session(protocol::AeadId::aes_siv_cmac_256, 3);
  client.answered(session.cookies);
  CHECK(client.cookies() == 8);
  static_cast<void>(client.take_cookie());
  static_cast<void>(client.take_cookie());
  client.answered({base::Buffer{}, session.cookies[0]});
  CHECK(client.cookies() == 7);
}

TEST_CASE("waits after failures double, from what the failure is worth to maxntsretry's limit") {
  Client connection;
  for (const auto wait : {16s, 32s, 64s}) CHECK(connection.fail(KeFailureReason::timeout) == wait);
  Client tls;
  for (const auto wait : {1024s, 2048s}) CHECK(tls.fail(KeFailureReason::tls_handshake) == wait);
  Client busy;
  for (const auto wait : {2s, 4s, 8s, 16s, 32s, 64s, 64s}) CHECK(busy.fail(KeFailureReason::busy) == wait);
  Client limited(base::Log2Seconds{5});
  CHECK(limited.fail(KeFailureReason::tls_handshake) == 32s);
  for (int i = 0; i < 30; ++i) tls.fail(KeFailureReason::tls_handshake);
  CHECK(tls.fail(KeFailureReason::tls_handshake) == std::chrono::seconds{1 << 19});
}

TEST_CASE("success counts as a failure until a protected exchange has succeeded") {
  Client client;
  client.succeed();
  CHECK(client.ke_allowed_at() == start + 16s);
  client.succeed();
  CHECK(client.ke_allowed_at() == start + 32s);
  CHECK(client.attempts() == 2);
  client.answered({});
  CHECK(client.attempts() == 0);
  CHECK(client.ke_allowed_at() == base::MonoTime{});
}

TEST_CASE("a cancelled NTS-KE does not count; the second in a row is waited for") {
  Client client;
  client.ke_started(start);
  client.ke_cancelled(start + 1s);
  CHECK(client.attempts() == 0);
  CHECK(client.ke_allowed_at() == start + 1s);
  client.ke_started(start + 1s);
  client.ke_cancelled(start + 2s);
  CHECK(client.ke_allowed_at() == start + 9s);
}

TEST_CASE("another network forgives failures to connect; those of TLS are looked into again, seconds apart") {
  Client client;
  client.fail(KeFailureReason::timeout);
  client.network_changed(start + 1s);
  CHECK(client.ke_allowed_at() == start + 1s);
  CHECK(client.attempts() == 0);
  Client reached;
  reached.fail(KeFailureReason::tls_handshake);
  reached.network_changed(start + 1s);
  CHECK(reached.ke_allowed_at() <= start + 10s);
  CHECK(reached.attempts() == 1);
}

TEST_CASE("who wants to know has a failed key exchange tried again, but not more often than every 10 s") {
  Client client;
  client.hasten(start);
  CHECK(client.ke_allowed_at() <= start);  // nothing has failed
  client.fail(KeFailureReason::tls_handshake);
  client.hasten(start + 1s);
  CHECK(client.ke_allowed_at() == start + 10s);
  client.hasten(start + 60s);
  CHECK(client.ke_allowed_at() == start + 10s);  // already
}

TEST_CASE(
    "a stepped clock allows another look at the dates of a certificate and of its authority, and nothing "
    "else") {
  Client dates;
  dates.fail(KeFailureReason::certificate_not_yet_valid);
  CHECK(dates.depends_on_cert_dates());
  dates.clock_stepped(start + 1s);
  CHECK(dates.ke_allowed_at() == start + 1s);
  Client authority;
  authority.fail(KeFailureReason::certificate_untrusted);
  authority.clock_stepped(start + 1s);
  CHECK(authority.ke_allowed_at() == start + 1s);
  Client name;
  name.fail(KeFailureReason::certificate_wrong_name);
  CHECK_FALSE(name.depends_on_cert_dates());
  name.clock_stepped(start + 1s);
  CHECK(name.ke_allowed_at() == start + 1024s);
}

TEST_CASE("keys by forgiven dates are provisional until the time is known and they are fetched strictly") {
  Client client;
  client.ke_started(start);
  client.forgive_dates({KeFailureReason::certificate_not_yet_valid, {}}, start + 8s);
  CHECK(client.attempts() == 0);
  CHECK(client.forgives_dates());
  client.succeed();
  CHECK(client.provisional());
  CHECK_FALSE(client.keep(now, true));
  client.check_dates(start + 9s);
  CHECK_FALSE(client.forgives_dates());
  CHECK(client.wants_ke(start + 9s, 0s));
  CHECK(client.ke_allowed_at() <= start + 9s);
  SECTION("the strict check fails") {
    client.fail(KeFailureReason::certificate_expired);
    CHECK_FALSE(client.ready());
  }
  SECTION("it cannot be made") {
    client.fail(KeFailureReason::timeout);
    CHECK(client.ready());
  }
  SECTION("it succeeds") {
    client.succeed();
    CHECK_FALSE(client.provisional());
  }
}

TEST_CASE("a NAK leads to the other keys of the last NTS-KE first, then to a new one") {
  Client client;
  auto session = client.server.session(protocol::AeadId::aes_128_gcm_siv);
  session.compliant_keys = NtsServer::keys(protocol::AeadId::aes_128_gcm_siv, 50);
  client.ke_succeeded(session, start, 0);
  CHECK(client.refused());
  CHECK_FALSE(client.wants_ke(start, 0s));
  CHECK_FALSE(client.refused());
  CHECK(client.wants_ke(start, 0s));
  CHECK(client.naks() == 2);
  client.answered({});
  CHECK(client.naks() == 0);
}

TEST_CASE("the newest cookie is set aside for the next run and used last") {
  Client client;
  const auto session = client.server.session(protocol::AeadId::aes_siv_cmac_256, 3);
  client.ke_succeeded(session, start, 0);
  CHECK(client.worth_keeping(start));
  const auto file = client.keep(now, false);
  REQUIRE(file);
  CHECK(file->cookies == std::vector<base::Buffer>(1, session.cookies[2]));
  CHECK_FALSE(client.worth_keeping(start));
  CHECK(client.worth_keeping(start + 1h));
  CHECK(client.take_cookie() == session.cookies[0]);
  CHECK(client.take_cookie() == session.cookies[1]);
  CHECK(client.take_cookie() == session.cookies[2]);
  CHECK(client.worth_keeping(start));  // the file is to go
  CHECK_FALSE(client.keep(now, false));
}

TEST_CASE("a run goes on with the keys, the cookies and the age of the one before") {
  Client before;
  before.succeed(3);
  const base::Now later{now.real + 50s, now.mono + 50s};
  const auto file = before.keep(later, true);
  REQUIRE(file);
  CHECK(file->cookies.size() == 3);
  CHECK(file->established == now.real);
  Client client;
  REQUIRE(client.restore(*file, later));
  CHECK(client.ready());
  CHECK(client.cookies() == 3);
  CHECK_FALSE(client.wants_ke(later.mono + 50s, 100s));
  CHECK(client.wants_ke(later.mono + 51s, 100s));
  CHECK(client.report(later.mono).last_ke == base::Duration{50s});
}

TEST_CASE("a kept wait is what is left of it, and never longer than it was, whatever the clock says") {
  for (const auto& [passed, left] : {std::pair{0s, 30s}, {10s, 20s}, {60s, 0s}, {-1000s, 30s}}) {
    Client client;
    client.restore(KeBackOff{"nts.example", 3, 30s, now.real - passed}, now);
    CHECK(client.ke_allowed_at() == start + left);
    CHECK(client.attempts() == 3);
  }
}

TEST_CASE("the report says how the keys came and what is left of them") {
  Client client;
  client.fail(KeFailureReason::timeout);
  auto report = client.report(start);
  CHECK(report.mode == AuthMode::nts);
  CHECK(report.ke_attempts == 1);
  CHECK(report.last_failure == protocol::to_text(KeFailureReason::timeout));
  CHECK(report.key_id == 0);
  client.succeed();
  report = client.report(start + 3s);
  CHECK(report.key_id == 1);
  CHECK(report.key_type == 15);
  CHECK(report.key_length == 256);
  CHECK(report.cookies == 8);
  CHECK(report.cookie_length > 0);
  CHECK(report.last_ke == base::Duration{3s});
  CHECK(report.last_failure.empty());
}

}  // namespace gnomon::testing
