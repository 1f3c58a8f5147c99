// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/smoothing_curve.hpp"

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

// Up for 10 s, level for 20, down for 10: 300 us on the way in all.
constexpr SmoothingCurve curve{
    .offset = -300e-6, .frequency = 0, .stages = {{{1e-6, 10}, {0, 20}, {-1e-6, 10}}}};

}  // namespace

TEST_CASE("a curve runs through its stages and rests at zero") {
  CHECK(curve.remaining().count() == 40);
  CHECK(curve.wander() == 1e-6);
  const auto up = curve.after(base::Seconds(10));
  CHECK(up.offset == Approx(-250e-6));
  CHECK(up.frequency == Approx(10e-6));
  CHECK(up.remaining().count() == 30);
  CHECK(up.wander() == 0);
  CHECK(curve.after(base::Seconds(30)).offset == Approx(-50e-6));
  CHECK(curve.after(base::Seconds(35)).wander() == -1e-6);
  CHECK(curve.after(base::Seconds(40)).offset == Approx(0).margin(1e-12));
  const auto over = curve.after(base::Seconds(41));
  CHECK(over.offset == 0);
  CHECK(over.frequency == 0);
  CHECK(over.wander() == 0);
}

TEST_CASE("two looks give what one does, and before its beginning a curve is straight") {
  CHECK(curve.after(base::Seconds(7)).after(base::Seconds(8)).offset ==
        Approx(curve.after(base::Seconds(15)).offset));
  CHECK(curve.after(base::Seconds(15)).after(base::Seconds(-5)).offset ==
        Approx(curve.after(base::Seconds(15)).offset - 5 * curve.after(base::Seconds(15)).frequency));
  CHECK(curve.after(base::Seconds(0)) == curve);
}

}  // namespace gnomon::testing
