// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/actions.hpp"

#include <tuple>
#include <utility>

#include "daemon/core/engine/association/entropy.hpp"
#include "daemon/core/engine/association/turn.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("every action is a line that says what, with whom and until when") {
  const auto server = address("192.0.2.1");
  CHECK(to_string(Wait{base::MonoTime{1500ms}}) == "wait until 1.500 s");
  CHECK(to_string(Resolve{"ntp.example"}) == "resolve ntp.example");
  CHECK(to_string(LoadKept{server}) == "load what was kept of 192.0.2.1");
  CHECK(to_string(Establish{.name = "ntp.example", .server = {server, 4460}}) ==
        "establish keys with ntp.example at 192.0.2.1:4460");
  CHECK(to_string(Exchange{{server, 123}, base::Buffer(48), {}}) == "exchange with 192.0.2.1:123, 48 octets");
  CHECK(to_string(Listen{base::MonoTime{2s}}) == "listen until 2.000 s");
  CHECK(to_string(Finish{}) == "finish");
}

TEST_CASE("actions compare by what they ask for") {
  CHECK(Action{Wait{base::MonoTime{1s}}} == Action{Wait{base::MonoTime{1s}}});
  CHECK(Action{Wait{base::MonoTime{1s}}} != Action{Wait{base::MonoTime{2s}}});
  CHECK(Action{Wait{base::MonoTime{1s}}} != Action{Listen{base::MonoTime{1s}}});
}

TEST_CASE("the notes of a turn are of its source, in order") {
  Turn turn = turn_at(base::MonoTime{1s});
  turn.note(note::SourceReachable{});
  turn.note(note::CookiesRejected{"why"});
  REQUIRE(turn.step.notes.size() == 2);
  CHECK(is_about<note::SourceReachable>(turn.step.notes[0]));
  CHECK(turn.step.notes[1].source == base::SourceId{7});
  CHECK(std::get<note::CookiesRejected>(turn.step.notes[1].subject).why == "why");
}

TEST_CASE("a turn spreads intervals and back-offs by different octets") {
  const Turn turn = turn_at(base::MonoTime{1s});
  CHECK(turn.wander() == wander_of(turn.entropy));
  CHECK(turn.jitter() == jitter_of(turn.entropy));
  CHECK(turn.wander() != turn.jitter());
}

namespace {

// Everything that is made of one step's octets.
auto uses_of(const StepEntropy& e) {
  return std::tuple{transmit_of(e).value, identifier_of(e), nonce_of(e), receive_of(e).value,
                    wander_of(e),         jitter_of(e),     choice_of(e)};
}

template <std::size_t... I>
int differing(const StepEntropy& a, const StepEntropy& b, std::index_sequence<I...>) {
  const auto x = uses_of(a);
  const auto y = uses_of(b);
  return (static_cast<int>(std::get<I>(x) != std::get<I>(y)) + ...);
}

}  // namespace

TEST_CASE("no octet is used for two things") {
  StepEntropy entropy{};
  for (std::size_t i = 0; i < entropy.size(); ++i) entropy[i] = static_cast<std::uint8_t>(i + 1);
  int used = 0;
  for (std::size_t i = 0; i < entropy.size(); ++i) {
    auto other = entropy;
    other[i] ^= 0x80;
    const int changed = differing(entropy, other, std::make_index_sequence<7>{});
    CAPTURE(i);
    CHECK(changed <= 1);
    used += changed;
  }
  CHECK(used == 8 + 32 + 16 + 4 + 4 + 8 + 1);
}

TEST_CASE("the two timestamps differ and the transmit timestamp is not zero, whatever the octets are") {
  StepEntropy zero{};
  CHECK_FALSE(transmit_of(zero).is_zero());
  CHECK(transmit_of(zero) != receive_of(zero));
  StepEntropy same{};
  same.fill(0xff);
  CHECK(transmit_of(same) != receive_of(same));
}

TEST_CASE("fractions begin at 0 and stay below 1") {
  StepEntropy entropy{};
  CHECK(wander_of(entropy) == 0);
  CHECK(jitter_of(entropy) == 0);
  entropy.fill(0xff);
  CHECK(wander_of(entropy) < 1);
  CHECK(wander_of(entropy) > 0.999);
  CHECK(jitter_of(entropy) < 1);
  CHECK(choice_of(entropy) == 255);
}

}  // namespace gnomon::testing
