// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/best_poll.hpp"

#include <cmath>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

constexpr base::Seconds day{86400};

// Everything is well known: the noise alone decides.
double best(double noise, PollFigures figures = {}) {
  figures.noise = base::Seconds{noise};
  figures.skew = 1e-12;
  figures.known_for = day;
  return best_poll(figures).best;
}

}  // namespace

TEST_CASE("a noisier source is asked less often, a clock that wanders more often") {
  CHECK(best(100e-6) > best(10e-6) + 1);
  CHECK(best(100e-6, {.wander = 1e-15}) < best(100e-6, {.wander = 1e-18}) - 1);
}

TEST_CASE("a poll target twice as large halves the interval") {
  CHECK(best(100e-6, {.poll_target = 16}) == Approx(best(100e-6) - 1));
  CHECK(std::isfinite(best(100e-6, {.poll_target = 0})));
}

TEST_CASE("the interval stays within an eighth of the time that the clock is known, from 64 s on") {
  const PollFigures figures{.noise = base::Seconds{1}, .skew = 1e-12, .known_for = base::Seconds{8192}};
  CHECK(best_poll(figures).best == Approx(10));
  CHECK(best_poll({.noise = base::Seconds{1}, .skew = 1e-12}).best == Approx(6));
}

TEST_CASE("as long as the frequency is hardly known the clock is not left alone") {
  // 10 us of noise are passed after 10 s.
  CHECK(best_poll({.noise = base::Seconds{10e-6}, .skew = 1e-6, .known_for = day}).best ==
        Approx(std::log2(10)));
}

TEST_CASE("a surprise asks for the next measurement at once") {
  CHECK(best_poll({.known_for = day, .surprised = true}).best == -128);
}

}  // namespace gnomon::testing
