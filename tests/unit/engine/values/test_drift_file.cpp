// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/drift_file.hpp"

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("a drift file of chrony is two numbers") {
  const auto text = parse_drift("           -12.345678             0.090000\n");
  REQUIRE(text);
  CHECK(text->drift.frequency.value == -12.345678);
  CHECK(text->drift.skew.value == 0.09);
  CHECK_FALSE(text->marked);
  for (const auto* bad : {"", "1", "1 x", "x 1", "1 0", "1 -1", "nan 1", "1 nan", "200000 1", "1 2 3", "1,2",
                          "1 2 slow", "1 2fast", "1 fast", "1 2 fast 3"})
    CHECK_FALSE(parse_drift(bad));
}

TEST_CASE("ours has a third word and survives being written") {
  const DriftFile drift{{-12.345678}, {0.09}};
  CHECK(to_text(drift) == "          -12.345678             0.090000 fast\n");
  const auto text = parse_drift(to_text(drift));
  REQUIRE(text);
  CHECK(text->marked);
  CHECK(text->drift.frequency.value == -12.345678);
  CHECK(parse_drift("1 2 fast").value().marked);
}

}  // namespace gnomon::testing
