// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/server_view.hpp"

#include <chrono>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

TEST_CASE("served time is what the clock shows and is still to be corrected by, and then smoothed") {
  const base::RealTime at{1'800'000'000s};
  ServedTime served{.at = at, .rest = base::Seconds{0.5}, .rest_rate = -1e-3, .curve = {.offset = 0.25}};
  CHECK(served.offset(at).count() == Approx(0.5));
  CHECK(served.offset(at + 10s).count() == Approx(0.49));
  ServedTime uncorrected = served;
  uncorrected.slewed = false;
  CHECK(uncorrected.offset(at + 1000s).count() == Approx(-0.5));
  served.smoothed = true;
  CHECK(served.offset(at).count() == Approx(0.75));
  CHECK(served.correction(at).count() == Approx(0.5));
  // The rest is slewed away, and the curve has no stage left: after its beginning it is at rest.
  CHECK(served.offset(at + 10s).count() == Approx(0.49));
  CHECK(served.offset(at - 10s).count() == Approx(0.76));
}

TEST_CASE("a slew that is over corrects nothing any more, though nobody has told yet") {
  const base::RealTime at{1'800'000'000s};
  const ServedTime forward{.at = at, .rest = base::Seconds{0.01}, .rest_rate = -1e-2};
  CHECK(forward.offset(at + 500ms).count() == Approx(0.005));
  CHECK(forward.offset(at + 2s).count() == 0);
  const ServedTime back{.at = at, .rest = base::Seconds{-0.01}, .rest_rate = 1e-2};
  CHECK(back.offset(at + 500ms).count() == Approx(-0.005));
  CHECK(back.offset(at + 2s).count() == 0);
  CHECK(ServedTime{.at = at}.offset(at + 100s).count() == 0);
}

}  // namespace gnomon::testing
