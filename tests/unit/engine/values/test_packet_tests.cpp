// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/packet_tests.hpp"

#include <bit>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("the ten tests stand in chrony's order, the first one highest") {
  std::uint16_t bit = 1U << 9U;
  for (const auto test : {packet_test::not_duplicate, packet_test::origin_matches, packet_test::timestamps,
                          packet_test::authentic, packet_test::synchronised, packet_test::root_distance,
                          packet_test::delay_limit, packet_test::delay_ratio, packet_test::delay_deviation,
                          packet_test::no_loop}) {
    CHECK(test == bit);
    bit = static_cast<std::uint16_t>(bit >> 1U);
  }
  CHECK(bit == 0);
}

TEST_CASE("an answer is valid before it is fit, and good only when it passes all tests") {
  CHECK(std::popcount(packet_test::valid) == 4);
  CHECK((packet_test::fit & packet_test::valid) == packet_test::valid);
  CHECK(std::popcount(packet_test::fit) == 6);
  CHECK(std::popcount(packet_test::all) == 10);
  CHECK((packet_test::fit & packet_test::no_loop) == 0);  // a source that follows us is reachable
}

}  // namespace gnomon::testing
