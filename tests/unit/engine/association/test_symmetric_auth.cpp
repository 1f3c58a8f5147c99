// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/symmetric_auth.hpp"

#include "protocol/crypto/keyed_digest.hpp"
#include "protocol/mac/packet_mac.hpp"
#include "protocol/mac/symmetric_key_file.hpp"
#include "tests/unit/engine/association/nts_server.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

EngineContext with_keys(std::string_view text) {
  EngineContext context;
  context.symmetric_keys = std::make_shared<const protocol::SymmetricKeys>(
      protocol::parse_symmetric_keys(text, protocol::is_supported).keys);
  return context;
}

config::Source with_key(std::uint32_t id) {
  config::Source source;
  source.name = "192.0.2.1";
  source.key_id = id;
  return source;
}

base::Buffer signed_answer(base::Bytes request, const protocol::SymmetricKey& key) {
  const auto header = good_answer(request, base::RealTime{1'800'000'000s});
  auto datagram = octets_of(header);
  datagram.resize(48 + protocol::max_mac_size);
  datagram.resize(protocol::append_mac(key, header.version, 48, datagram));
  return datagram;
}

bool noted_missing(const Step& step) {
  return std::ranges::any_of(step.notes, is_about<note::KeyMissing>);
}

}  // namespace

TEST_CASE("a key that is there is found, and reported with type and bits") {
  SymmetricAuth auth{10};
  const auto context = with_keys("10 AES128 HEX:000102030405060708090a0b0c0d0e0f");
  auto turn = turn_at(base::MonoTime{1s});
  const auto key = auth.key(context, turn);
  REQUIRE(key);
  CHECK(key->id == 10);
  CHECK(turn.step.notes.empty());
  const auto report = auth.report(context);
  CHECK(report.mode == AuthMode::symmetric);
  CHECK(report.key_id == 10);
  CHECK(report.key_type == 13);
  CHECK(report.key_length == 128);
}

TEST_CASE("a missing key is said once, and again when it is missing once more") {
  SymmetricAuth auth{10};
  const auto empty = with_keys("");
  auto turn = turn_at(base::MonoTime{1s});
  CHECK_FALSE(auth.key({}, turn));
  CHECK_FALSE(auth.key(empty, turn));
  REQUIRE(turn.step.notes.size() == 1);
  CHECK(is_about<note::KeyMissing>(turn.step.notes[0]));
  CHECK(auth.report(empty).key_type == 0);
  CHECK(auth.report(empty).key_id == 10);
  CHECK(auth.key(with_keys("10 SHA1 long-enough-to-be-safe"), turn));
  CHECK_FALSE(auth.key(empty, turn));
  CHECK(turn.step.notes.size() == 2);
}

TEST_CASE("a short key is used, and said to be short") {
  SymmetricAuth auth{10};
  const auto context = with_keys("10 SHA1 short");
  auto turn = turn_at(base::MonoTime{1s});
  CHECK(auth.key(context, turn));
  CHECK(auth.key(context, turn));
  REQUIRE(turn.step.notes.size() == 1);
  CHECK(is_about<note::KeyShort>(turn.step.notes[0]));
}

TEST_CASE("without its key a source is not asked, and with it it is") {
  Script run{with_key(3), with_keys("4 SHA1 not-the-one-that-is-meant"), address("192.0.2.1")};
  auto step = run.play(Started{});
  for (int poll = 0; poll < 3; ++poll) {
    REQUIRE(std::holds_alternative<Wait>(step.action));
    CHECK(noted_missing(step) == (poll == 0));
    step = run.wake(step.action);
  }
  CHECK(run.association.report(run.now).ntp.total_tx == 0);
  CHECK(run.association.report(run.now).reach == 0);
  run.association.set_context(with_keys("3 SHA1 here-it-is-now-and-safe"));
  step = run.wake(step.action);
  REQUIRE(std::holds_alternative<Exchange>(step.action));
  CHECK(std::get<Exchange>(step.action).request.size() == 72);
}

TEST_CASE("a source with a key believes only answers with its MAC") {
  const auto context = with_keys("3 SHA1 shared-between-the-two\n4 SHA1 another-one-of-ours");
  Script run{with_key(3), context, address("192.0.2.1")};
  auto action = run.act(Started{});
  while (!std::holds_alternative<Exchange>(action)) action = run.wake(action).action;
  const auto exchange = std::get<Exchange>(action);
  const auto plain = octets_of(good_answer(exchange.request, run.now.real));
  CHECK(std::holds_alternative<Listen>(run.act(run.reply(plain, exchange))));
  const auto other = signed_answer(exchange.request, *context.symmetric_keys->find(4));
  CHECK(std::holds_alternative<Listen>(run.act(run.reply(other, exchange))));
  const auto good = signed_answer(exchange.request, *context.symmetric_keys->find(3));
  const auto step = run.play(run.reply(good, exchange));
  CHECK(std::holds_alternative<Wait>(step.action));
  CHECK(run.association.report(run.now).ntp.authenticated);
}

TEST_CASE("a digest that version 4 would cut is sent in version 3, unless the version is set") {
  const auto version_of = [](const config::Source& source, std::string_view keys) {
    Script run{source, with_keys(keys), address("192.0.2.1")};
    auto action = run.act(Started{});
    while (!std::holds_alternative<Exchange>(action)) action = run.wake(action).action;
    return protocol::parse_header(std::get<Exchange>(action).request)->version;
  };
  CHECK(version_of(with_key(3), "3 SHA1 long-enough-to-be-safe") == 4);
  CHECK(version_of(with_key(3), "3 AES256 HEX:" + std::string(64, '7')) == 4);
  CHECK(version_of(with_key(3), "3 SHA256 long-enough-to-be-safe") == 3);
  auto fixed = with_key(3);
  fixed.version = 4;
  CHECK(version_of(fixed, "3 SHA256 long-enough-to-be-safe") == 4);
}

}  // namespace gnomon::testing
