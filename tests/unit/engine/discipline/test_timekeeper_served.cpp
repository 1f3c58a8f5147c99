// SPDX-License-Identifier: GPL-2.0-or-later
// What is served and told by who only measures (-x).
#include <chrono>
#include <cmath>

#include "tests/unit/catch.hpp"
#include "tests/unit/engine/discipline/hand.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

TimekeeperSettings measuring_only() {
  TimekeeperSettings s;
  s.steer = false;
  return s;
}

}  // namespace

TEST_CASE("-x: the time that is served moves with the estimated frequency, past zero as well") {
  auto s = measuring_only();
  s.initial_rate = 0;
  s.drift = DriftFile{base::Ppm{100}, base::Ppm{0.1}};
  Hand hand(s);
  for (int i = 0; i < 4; ++i) static_cast<void>(hand.give(1e-3));
  const auto view = hand.timekeeper.server_view(hand.now);
  const double rate = hand.timekeeper.frequency();
  for (const auto later : {0s, 10s, 60s}) {
    const auto reading = hand.now.real + later;
    const double expected = view.served.rest.count() + rate * static_cast<double>(later.count());
    CHECK(view.served.correction(reading).count() == Approx(expected).margin(1e-9));
    CHECK(hand.timekeeper.correction_at(reading).count() == Approx(expected).margin(1e-9));
  }
}

TEST_CASE("-x: tracking tells of our time, and the bound is the system clock's") {
  auto s = measuring_only();
  Hand hand(s);
  for (int i = 0; i < 4; ++i) static_cast<void>(hand.give(20));  // more than the largest dispersion
  const auto tracking = hand.timekeeper.tracking(hand.now);
  CHECK(tracking.root_dispersion < base::Seconds{0.1});
  CHECK(error_bound(tracking).value_or(base::Seconds{}).count() == Approx(20).epsilon(0.01));
  CHECK(base::to_seconds(tracking.reference_time - hand.now.real).count() == Approx(20).epsilon(0.1));
  const auto statistics = hand.timekeeper.statistics(base::SourceId{1}, hand.now);
  CHECK(std::fabs(statistics.measured_offset.count()) < 1e-2);
}

}  // namespace gnomon::testing
