// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/fallback_drift.hpp"

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("long-term averages take over one after the other when updates stay away") {
  FallbackDrift fallback(config::FallbackSpans{{4}, {6}});  // 16, 32, 64 s
  for (int i = 0; i < 40; ++i) fallback.learn(i < 36 ? 10e-6 : 50e-6, base::Seconds{4});
  CHECK_FALSE(fallback.fall_back(base::Seconds{15}));
  const auto shortest = fallback.fall_back(base::Seconds{16});
  REQUIRE(shortest);
  CHECK(*shortest == Approx(35e-6).margin(2e-6));  // 1 - 1/e of the way
  CHECK_FALSE(fallback.fall_back(base::Seconds{20}));
  const auto longest = fallback.fall_back(base::Seconds{70});
  REQUIRE(longest);
  CHECK(*longest < *shortest);
  CHECK_FALSE(fallback.fall_back(base::Seconds{100000}));
  fallback.learn(50e-6, base::Seconds{4});
  CHECK(fallback.fall_back(base::Seconds{20}));
}

TEST_CASE("an average that has not seen its span is not fallen back to") {
  FallbackDrift fallback(config::FallbackSpans{{4}, {6}});
  for (int i = 0; i < 5; ++i) fallback.learn(10e-6, base::Seconds{4});
  CHECK(fallback.fall_back(base::Seconds{16}));
  CHECK_FALSE(fallback.fall_back(base::Seconds{1000}));
  CHECK_FALSE(FallbackDrift(std::nullopt).fall_back(base::Seconds{1000}));
}

}  // namespace gnomon::testing
