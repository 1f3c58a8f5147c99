// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/selection/intersection.hpp"

#include <vector>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("the majority's interval wins, touching counts as agreeing") {
  using V = std::vector<Interval>;
  CHECK_FALSE(agree(V{}));
  CHECK(agree(V{{1, 2}})->low == 1);
  const auto two_of_three = agree(V{{0, 2}, {1, 3}, {10, 11}});
  REQUIRE(two_of_three);
  CHECK(two_of_three->low == 1);
  CHECK(two_of_three->high == 2);
  CHECK(agree(V{{0, 1}, {1, 2}}));
  CHECK_FALSE(agree(V{{0, 1}, {2, 3}}));
  CHECK_FALSE(agree(V{{0, 1}, {0, 1}, {2, 3}, {2, 3}}));
}

TEST_CASE(
    "of two pairs that have one in common the one that agrees better wins, on whichever side the other is") {
  using V = std::vector<Interval>;
  for (const double side : {1.0, -1.0}) {
    const double liar = 1.1 * side;
    const auto agreed = agree(V{{-1, 1}, {-0.5, 0.5}, {liar - 0.5, liar + 0.5}});
    REQUIRE(agreed);
    CHECK(agreed->low == -0.5);
    CHECK(agreed->high == 0.5);
  }
}

TEST_CASE("of two pairs that agree about equally well it is always that of the same side") {
  using V = std::vector<Interval>;
  for (const double more : {0.0, 0.01, -0.01}) {
    const auto agreed = agree(V{{-0.6, 0.6}, {0.4, 1.6}, {1.4 + more, 2.6}});
    REQUIRE(agreed);
    CHECK(agreed->low == 1.4 + more);
  }
}

TEST_CASE("one trusted interval outweighs any number of others") {
  const std::vector<Interval> intervals{{0, 1}, {0, 1}, {0, 1}, {5, 6, true}};
  const auto agreed = agree(intervals);
  REQUIRE(agreed);
  CHECK(agreed->by_trusted);
  CHECK(agreed->low == 5);
}

TEST_CASE("who does not agree is told how many do, of how many that vote") {
  const auto apart = agree(std::vector<Interval>{{0, 1}, {0, 1}, {2, 3}, {2, 3}});
  REQUIRE_FALSE(apart);
  CHECK(apart.error().agreeing == 2);
  CHECK(apart.error().voters == 4);
  CHECK_FALSE(apart.error().trusted);
  // Where some are trusted the others have no vote.
  const auto trusted = agree(std::vector<Interval>{{0, 1, true}, {2, 3, true}, {0, 1}, {0, 1}});
  REQUIRE_FALSE(trusted);
  CHECK(trusted.error().agreeing == 1);
  CHECK(trusted.error().voters == 2);
  CHECK(trusted.error().trusted);
}

}  // namespace gnomon::testing
