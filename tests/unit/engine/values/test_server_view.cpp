// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/server_view.hpp"

#include <chrono>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

TEST_CASE("served time is the clock's unless it is smoothed") {
  const base::RealTime at{1'800'000'000s};
  ServedTime served{.at = at, .rest = base::Seconds{0.5}, .rest_rate = 1e-3, .curve = {.offset = 0.25}};
  CHECK(served.offset(at + 10s).count() == 0);
  served.smoothed = true;
  CHECK(served.offset(at).count() == Approx(0.75));
  // The rest is slewed away, and the curve has no stage left: after its beginning it is at rest.
  CHECK(served.offset(at + 10s).count() == Approx(0.51));
  CHECK(served.offset(at - 10s).count() == Approx(0.74));
}

}  // namespace gnomon::testing
