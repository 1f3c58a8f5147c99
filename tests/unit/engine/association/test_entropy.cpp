// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/entropy.hpp"

#include <tuple>
#include <utility>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

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
