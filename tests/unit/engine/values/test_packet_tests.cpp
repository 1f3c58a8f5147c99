// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/packet_tests.hpp"

#include <bit>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("the ten tests stand in chrony's order, the first one highest") {
  std::uint16_t bit = 1U << 9U;
  for (const auto test : {tests::not_duplicate, tests::origin_matches, tests::timestamps, tests::authentic,
                          tests::synchronised, tests::root_distance, tests::delay_limit, tests::delay_ratio,
                          tests::delay_deviation, tests::no_loop}) {
    CHECK(test == bit);
    bit = static_cast<std::uint16_t>(bit >> 1U);
  }
  CHECK(bit == 0);
}

TEST_CASE("an answer is valid before it is fit, and good only when it passes all tests") {
  CHECK(std::popcount(tests::valid) == 4);
  CHECK((tests::fit & tests::valid) == tests::valid);
  CHECK(std::popcount(tests::fit) == 6);
  CHECK(std::popcount(tests::all) == 10);
  CHECK((tests::fit & tests::no_loop) == 0);  // a source that follows us is reachable
}

}  // namespace gnomon::testing
