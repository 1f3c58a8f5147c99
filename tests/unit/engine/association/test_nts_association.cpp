// SPDX-License-Identifier: GPL-2.0-or-later
#include <set>

#include "daemon/core/engine/text/messages.hpp"
#include "tests/unit/engine/association/nts_server.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

double seconds(base::Duration d) {
  return base::to_seconds(d).count();
}

Step failed(Script& script, protocol::KeFailureReason reason) {
  return script.play(EstablishFailed{{reason, "detail"}});
}

}  // namespace

TEST_CASE("keys come before the first request, which follows at once") {
  NtsServer server;
  EngineContext context;
  context.aeads = {30, 15};
  Script script(nts_source(), context);
  const auto action = script.act(Started{});
  CHECK(action == Action{Establish{"192.0.2.1", {address("192.0.2.1"), 4460}, 0, {30, 15}}});
  const Step step = established(script, server.session());
  CHECK(has_note<note::KeSucceeded>(step));
  REQUIRE(std::holds_alternative<Exchange>(step.action));
  CHECK(std::get<Exchange>(step.action).to == base::Endpoint{address("192.0.2.1"), 123});
}

TEST_CASE("an exchange whose server names this machine for NTP has failed, and nothing is sent there") {
  NtsServer server;
  Script script(nts_source());
  static_cast<void>(script.play(Started{}));
  auto session = server.session();
  session.ntp_server = "127.0.0.1";
  session.ntp_port = 11211;
  const Step step = established(script, std::move(session));
  CHECK_FALSE(has_note<note::KeSucceeded>(step));
  CHECK(has_note<note::KeFailed>(step));
  CHECK(std::holds_alternative<Wait>(step.action));
  CHECK(script.report().auth.cookies == 0);
  CHECK(script.report().auth.failure_text.contains(
      "its NTP server would be 127.0.0.1:11211: it is this machine's own, and the NTS-KE server is another "
      "machine"));
}

TEST_CASE("an authenticated answer becomes an authenticated sample") {
  for (const auto aead : {protocol::AeadId::aes_siv_cmac_256, protocol::AeadId::aes_128_gcm_siv}) {
    NtsServer server;
    Script script(nts_source());
    static_cast<void>(script.play(Started{}));
    Step step = established(script, server.session(aead));
    step = answer(script, server, step.action);
    CHECK(server.outcome == Outcome::authenticated);
    REQUIRE(step.sample);
    CHECK(step.sample->authenticated);
    const auto report = script.report();
    CHECK(report.auth.mode == AuthMode::nts);
    CHECK(report.auth.key_id == 1);
    CHECK(report.auth.key_type == static_cast<std::uint16_t>(aead));
    CHECK(report.auth.cookies == 8);
    CHECK(report.auth.ke_attempts == 0);
    CHECK(report.ntp.authenticated);
  }
}

TEST_CASE("no cookie is sent twice, and lost ones are made up for") {
  NtsServer server;
  auto source = nts_source();
  source.iburst = true;
  Script script(source);
  static_cast<void>(script.play(Started{}));
  Step step = established(script, server.session());
  std::set<base::Buffer> seen;
  for (int i = 0; i < 4; ++i) {
    CHECK(seen.insert(cookie_in(step.action)).second);
    script.pass(2s);
    step = script.play(Silence{});
    if (std::holds_alternative<Wait>(step.action)) step = script.wake(step.action);
  }
  CHECK(script.report().auth.cookies == 3);  // one of eight is in the request under way
  CHECK(seen.insert(cookie_in(step.action)).second);
  step = answer(script, server, step.action);
  CHECK(step.sample);
  CHECK(script.report().auth.cookies == 8);
}

TEST_CASE("without a cookie left keys are established again") {
  NtsServer server;
  Script script(nts_source());
  static_cast<void>(script.play(Started{}));
  Step step = established(script, server.session(protocol::AeadId::aes_siv_cmac_256, 2));
  step = answer(script, server, step.action);
  REQUIRE(step.sample);
  // The answer brought the jar back to eight, so all of them must be lost.
  for (int i = 0; i < 8; ++i) {
    step = script.wake(step.action);
    REQUIRE(std::holds_alternative<Exchange>(step.action));
    step = script.play(Silence{});
  }
  CHECK(std::holds_alternative<Establish>(step.action));
}

TEST_CASE("an answer that is not authentic is as good as none") {
  NtsServer server;
  Script script(nts_source());
  static_cast<void>(script.play(Started{}));
  const Step first = established(script, server.session());
  const auto& exchange = std::get<Exchange>(first.action);
  auto datagram = server.answer(exchange.request, script.now.real);
  auto forged = datagram;
  forged.back() ^= 1;
  forged[45] ^= 1;
  CHECK(std::holds_alternative<Listen>(script.act(script.reply(forged, exchange, 0ms))));
  const auto plain = octets_of(good_answer(exchange.request, script.now.real));
  CHECK(std::holds_alternative<Listen>(script.act(script.reply(plain, exchange, 0ms))));
  auto deny = good_answer(exchange.request, script.now.real);
  deny.stratum = 0;
  deny.reference_id = base::reference_id("DENY");
  const auto kiss = octets_of(deny);
  CHECK(std::holds_alternative<Listen>(script.act(script.reply(kiss, exchange, 0ms))));
  CHECK(script.play(script.reply(datagram, exchange)).sample);
}

TEST_CASE("a NAK is believed only when nothing better comes, then new keys are fetched") {
  NtsServer server;
  Script script(nts_source());
  static_cast<void>(script.play(Started{}));
  Step step = established(script, server.session());
  step = answer(script, server, step.action);
  REQUIRE(step.sample);
  step = script.wake(step.action);
  server.renew(99);
  const Action asked = step.action;
  step = answer(script, server, asked);
  CHECK(server.outcome == Outcome::nak);
  CHECK(std::holds_alternative<Listen>(step.action));
  CHECK(has_note<note::NtsNak>(step));
  step = script.play(Silence{});
  REQUIRE(std::holds_alternative<Establish>(step.action));
  CHECK(script.report().auth.naks == 1);
  step = established(script, server.session());
  step = answer(script, server, script.wake(step.action).action);
  CHECK(step.sample);
  CHECK(script.report().auth.naks == 0);
}

TEST_CASE("a server that refuses fresh keys too is complained about once") {
  NtsServer server;
  Script script(nts_source());
  static_cast<void>(script.play(Started{}));
  Step step = established(script, server.session());
  int said = 0;
  for (int polls = 0; polls < 6; ++polls) {
    while (!std::holds_alternative<Exchange>(step.action))
      step = std::holds_alternative<Establish>(step.action) ? established(script, server.session())
                                                            : script.wake(step.action);
    server.renew(static_cast<std::uint8_t>(100 + polls));
    step = answer(script, server, step.action);
    CHECK(server.outcome == Outcome::nak);
    said += has_note<note::NtsNak>(step) ? 1 : 0;
    step = script.play(Silence{});
  }
  CHECK(said == 1);
  CHECK(script.report().auth.naks == 6);
}

TEST_CASE("while new keys cannot be had, the old cookies go on being used") {
  NtsServer server;
  Script script(nts_source());
  static_cast<void>(script.play(Started{}));
  Step step = established(script, server.session());
  step = answer(script, server, step.action);
  step = script.wake(step.action);
  server.renew(99);
  static_cast<void>(answer(script, server, step.action));
  step = script.play(Silence{});
  step = failed(script, protocol::KeFailureReason::connect_refused);
  bool asked = false;
  for (int i = 0; i < 8 && !asked; ++i) {
    if (std::holds_alternative<Establish>(step.action))
      step = failed(script, protocol::KeFailureReason::timeout);
    else if (std::holds_alternative<Wait>(step.action))
      step = script.wake(step.action);
    else
      asked = true;
  }
  CHECK(asked);
}

TEST_CASE("a key exchange that fails elsewhere than where requests go says where") {
  NtsServer server;
  Script script(nts_source());
  static_cast<void>(script.play(Started{}));
  auto session = server.session();
  session.ntp_server = "192.0.2.9";
  Step step = established(script, std::move(session));
  step = answer(script, server, step.action);
  step = script.wake(step.action);
  server.renew(99);
  static_cast<void>(answer(script, server, step.action));
  step = script.play(Silence{});
  REQUIRE(std::holds_alternative<Establish>(step.action));
  CHECK(std::get<Establish>(step.action).server.address == address("192.0.2.1"));
  step = failed(script, protocol::KeFailureReason::connect_refused);
  CHECK(has_note<note::KeFailed>(step));
  CHECK(script.report().address == address("192.0.2.9"));
  CHECK(script.report().auth.failure_text.contains("(asked was 192.0.2.1: detail)"));
}

TEST_CASE("keys that work nowhere are not fetched over and over") {
  NtsServer server;
  NtsServer other;
  other.renew(99);
  Script script(nts_source());
  Step step = script.play(Started{});
  for (const double expected : {16., 32., 64., 128., 256.}) {
    REQUIRE(std::holds_alternative<Establish>(step.action));
    const auto began = script.now.mono;
    step = established(script, server.session(protocol::AeadId::aes_siv_cmac_256, 1));
    if (std::holds_alternative<Wait>(step.action)) step = script.wake(step.action);
    static_cast<void>(answer(script, other, step.action));
    step = script.play(Silence{});
    while (!std::holds_alternative<Establish>(step.action)) step = script.wake(step.action);
    CHECK(seconds(script.now.mono - began) >= expected);
  }
}

TEST_CASE("failures to connect are retried after 16 s, doubling; TLS failures after 1024 s") {
  struct Case {
    protocol::KeFailureReason reason;
    double first;
  };
  for (const auto& [reason, first] : {Case{protocol::KeFailureReason::connect_refused, 16},
                                      Case{protocol::KeFailureReason::certificate_untrusted, 1024}}) {
    Script script(nts_source());
    Step step = script.play(Started{});
    for (double expected = first; expected < first * 16; expected *= 2) {
      REQUIRE(std::holds_alternative<Establish>(step.action));
      step = failed(script, reason);
      REQUIRE(has_note<note::KeFailed>(step));
      const auto began = script.now.mono;
      while (!std::holds_alternative<Establish>(step.action)) step = script.wake(step.action);
      CHECK(seconds(script.now.mono - began) >= expected);
      CHECK(seconds(script.now.mono - began) <= expected * 1.1 + 0.001);
    }
    CHECK(script.report().reach == 0);
  }
}

TEST_CASE("a fault of our own NTS-KE process keeps nobody away for more than about a minute") {
  Script script(nts_source());
  Step step = script.play(Started{});
  for (int attempt = 0; attempt < 20; ++attempt) {
    step = failed(script, protocol::KeFailureReason::internal);
    const auto began = script.now.mono;
    while (!std::holds_alternative<Establish>(step.action)) step = script.wake(step.action);
    CHECK(seconds(script.now.mono - began) <= 64 * 1.1 + 0.001);
  }
}

TEST_CASE("a changed network forgives failures to connect, a stepped clock certificate dates") {
  const auto wait_after = [](protocol::KeFailureReason reason, InterruptKind interrupt) {
    Script script(nts_source());
    static_cast<void>(script.play(Started{}));
    static_cast<void>(failed(script, reason));
    return std::holds_alternative<Establish>(script.act(Interrupt{interrupt}));
  };
  using R = protocol::KeFailureReason;
  CHECK(wait_after(R::unreachable, InterruptKind::network_changed));
  CHECK_FALSE(wait_after(R::certificate_untrusted, InterruptKind::network_changed));
  CHECK(wait_after(R::certificate_not_yet_valid, InterruptKind::clock_stepped));
  CHECK(wait_after(R::certificate_untrusted, InterruptKind::clock_stepped));
  CHECK(wait_after(R::certificate_untrusted, InterruptKind::trust_changed));
  CHECK_FALSE(wait_after(R::certificate_expired, InterruptKind::trust_changed));
  CHECK_FALSE(wait_after(R::certificate_wrong_name, InterruptKind::clock_stepped));
}

TEST_CASE("the keys of the compliant context are tried on the first NAK, before a new key establishment") {
  NtsServer server;
  auto source = nts_source();
  source.iburst = true;
  Script script(source);
  static_cast<void>(script.play(Started{}));
  auto session = server.session(protocol::AeadId::aes_128_gcm_siv);
  session.compliant_keys = NtsServer::keys(protocol::AeadId::aes_128_gcm_siv, 3);
  session.keys = NtsServer::keys(protocol::AeadId::aes_128_gcm_siv, 77);  // not what the cookies hold
  Step step = established(script, std::move(session));
  step = answer(script, server, step.action);
  CHECK(server.outcome == Outcome::nak);
  step = script.play(Silence{});
  REQUIRE(std::holds_alternative<Exchange>(step.action));
  CHECK(answer(script, server, step.action).sample);
}

TEST_CASE("key establishment may send us to another server and port") {
  NtsServer server;
  SECTION("by address") {
    Script script(nts_source());
    static_cast<void>(script.play(Started{}));
    auto session = server.session();
    session.ntp_server = "192.0.2.77";
    session.ntp_port = 1123;
    const Step step = established(script, std::move(session));
    CHECK(std::get<Exchange>(step.action).to == base::Endpoint{address("192.0.2.77"), 1123});
    CHECK(has_note<note::SourceMoved>(step));
  }
  SECTION("by name") {
    Script script(nts_source());
    static_cast<void>(script.play(Started{}));
    auto session = server.session();
    session.ntp_server = "time.example";
    Step step = established(script, std::move(session));
    CHECK(step.action == Action{Resolve{"time.example", base::AddressFamily::unspecified}});
    step = script.play(Resolved{{address("2001:db8::1"), address("192.0.2.78")}});
    CHECK(std::get<Exchange>(step.action).to == base::Endpoint{address("192.0.2.78"), 123});
  }
}

TEST_CASE(
    "a host that key establishment names must be of the family that was asked for, and is named if not") {
  struct Case {
    const char* host;
    const char* said;
  };
  for (const auto& [host, said] : {Case{"time.example", "Could not resolve address of time.example"},
                                   Case{"2001:db8::5", "names the NTP server 2001:db8::5, which -4"}}) {
    NtsServer server;
    auto source = nts_source();
    EngineContext context;
    if (said[0] == 'C')
      source.family = base::AddressFamily::ipv4;
    else
      context.family = base::AddressFamily::ipv4;
    Script script(source, context);
    static_cast<void>(script.play(Started{}));
    auto session = server.session();
    session.ntp_server = host;
    const auto action = established(script, std::move(session)).action;
    CHECK(action == Action{Resolve{host, base::AddressFamily::ipv4}});
    const auto step = script.play(Resolved{});
    REQUIRE(has_note<note::ResolveFailed>(step));
    CHECK(message_for(step.notes.front(), {{}, "ke.example"}).text.contains(said));
  }
}

TEST_CASE("a pool's member whose key establishment server is not reached is replaced at once") {
  auto source = nts_source();
  source.name = "pool.example";
  source.kind = config::SourceKind::pool;
  const std::vector<base::IpAddress> all{address("192.0.2.1"), address("192.0.2.2"), address("192.0.2.3")};
  Script script(source, {}, all[0]);
  auto action = script.act(Started{});
  std::set<base::IpAddress> tried;
  const auto before = script.now.mono;
  for (int i = 0; i < 3; ++i) {
    tried.insert(std::get<Establish>(action).server.address);
    action = failed(script, protocol::KeFailureReason::timeout).action;
    if (std::holds_alternative<Resolve>(action)) action = script.act(Resolved{all});
    if (i < 2) action = script.wake(action).action;
  }
  CHECK(tried.size() >= 2);
  CHECK(script.now.mono - before < 1s);
}

TEST_CASE("keys older than ntsrefresh are replaced") {
  NtsServer server;
  EngineContext context;
  context.nts_refresh = base::Seconds{1000};
  Script script(nts_source(), context);
  static_cast<void>(script.play(Started{}));
  Step step = established(script, server.session());
  step = answer(script, server, step.action);
  script.pass(1001s);
  CHECK(std::holds_alternative<Establish>(script.act(Woken{})));
}

TEST_CASE("a cancelled key establishment is begun again and does not count") {
  Script script(nts_source());
  static_cast<void>(script.play(Started{}));
  CHECK(std::holds_alternative<Establish>(script.act(Interrupt{InterruptKind::clock_stepped})));
  CHECK(script.report().auth.ke_attempts == 1);
}

TEST_CASE("a network that comes and goes does not pile key establishments up") {
  auto source = nts_source();
  Script script(source);
  auto action = script.act(Started{});
  int begun = 0;
  for (int second = 0; second < 64; ++second) {
    if (std::holds_alternative<Establish>(action)) ++begun;
    script.pass(1s);
    action = script.act(Interrupt{InterruptKind::network_changed});
    if (const auto* wait = std::get_if<Wait>(&action); wait != nullptr && wait->until <= script.now.mono)
      action = script.act(Woken{});
  }
  CHECK(begun > 4);
  CHECK(begun < 12);
}

TEST_CASE("one-shot work ends when key establishment cannot succeed") {
  EngineContext context;
  context.one_shot = true;
  Script script(nts_source(), context);
  static_cast<void>(script.play(Started{}));
  CHECK(failed(script, protocol::KeFailureReason::certificate_untrusted).action == Action{Finish{}});
}

TEST_CASE("when nobody is reached the other addresses of the name are tried at once, each of them once") {
  auto source = nts_source();
  source.name = "time.example";
  Script script(source);
  static_cast<void>(script.play(Started{}));
  Step step = script.play(Resolved{{address("2001:db8::1"), address("192.0.2.7"), address("192.0.2.8")}});
  for (const auto* expected : {"2001:db8::1", "192.0.2.7", "192.0.2.8"}) {
    REQUIRE(std::holds_alternative<Establish>(step.action));
    CHECK(std::get<Establish>(step.action).server.address == address(expected));
    step = failed(script, protocol::KeFailureReason::unreachable);
    REQUIRE(std::holds_alternative<Wait>(step.action));
    if (script.wait_of(step.action) < 1s) step = script.wake(step.action);
  }
  CHECK(std::holds_alternative<Wait>(step.action));
}

TEST_CASE("a server that was reached and failed is not replaced by another address of its name") {
  auto source = nts_source();
  source.name = "time.example";
  Script script(source);
  static_cast<void>(script.play(Started{}));
  static_cast<void>(script.play(Resolved{{address("192.0.2.7"), address("192.0.2.8")}}));
  const Step step = failed(script, protocol::KeFailureReason::certificate_untrusted);
  CHECK(script.wait_of(step.action) > 1s);
}

TEST_CASE("one-shot work tries for some seconds to reach the key establishment server") {
  EngineContext context;
  context.one_shot = true;
  Script script(nts_source(), context);
  Step step = script.play(Started{});
  const auto began = script.now.mono;
  int attempts = 0;
  while (!std::holds_alternative<Finish>(step.action)) {
    if (std::holds_alternative<Establish>(step.action)) {
      ++attempts;
      step = failed(script, protocol::KeFailureReason::unreachable);
    } else {
      step = script.wake(step.action);
    }
  }
  CHECK(attempts == 4);
  CHECK(seconds(script.now.mono - began) == Approx(3));
}

TEST_CASE("one-shot asks at once after key establishment") {
  NtsServer server;
  EngineContext context;
  context.one_shot = true;
  Script script(nts_source(), context);
  static_cast<void>(script.play(Started{}));
  script.pass(300ms);
  Step step = established(script, server.session());
  REQUIRE(std::holds_alternative<Exchange>(step.action));
  step = answer(script, server, step.action);
  CHECK(script.wait_of(step.action) == 1990ms);
}

TEST_CASE("under NTS the even scale is asked for and told where the tag covers it") {
  NtsServer server;
  auto source = nts_source();
  source.monotonic_root = true;
  Script script(source);
  static_cast<void>(script.play(Started{}));
  Step step = established(script, server.session());
  server.snapshot.view.root_dispersion = base::Seconds{0.0012345};
  step = answer(script, server, step.action);
  CHECK(server.outcome == Outcome::authenticated);
  REQUIRE(step.sample);
  CHECK(step.sample->source_moved.count() == 0);
  CHECK(step.sample->root_dispersion.count() == Approx(0.0012345).epsilon(1e-5));
  // The server corrects its clock by 2 s.
  server.snapshot.view.served.corrected = 2s;
  step = answer(script, server, script.wake(step.action).action);
  REQUIRE(step.sample);
  CHECK(step.sample->source_moved.count() == Approx(2).margin(1e-8));
}

}  // namespace gnomon::testing
