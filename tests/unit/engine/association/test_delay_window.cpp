// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/delay_window.hpp"

#include <cmath>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("the delay window has a deviation after six delays and lets a new route in") {
  DelayWindow window;
  CHECK_FALSE(window.minimum());
  for (int i = 0; i < 5; ++i) window.add(base::Seconds{0.010});
  CHECK_FALSE(window.deviation());
  window.add(base::Seconds{0.012});
  CHECK(window.minimum()->count() == 0.010);
  CHECK(window.deviation()->count() == Approx(0.001 / std::sqrt(6.0)));
  CHECK(window.quantile(0.5)->count() == 0.010);
  CHECK(window.quantile(1)->count() == 0.012);
  const double before = window.deviation()->count();
  window.add(base::Seconds{0.030});
  CHECK(window.deviation()->count() > 5 * before);
}

TEST_CASE("the delay window forgets what is older than 64 delays, and everything when cleared") {
  DelayWindow window;
  window.add(base::Seconds{0.001});
  for (int i = 0; i < 63; ++i) window.add(base::Seconds{0.010});
  CHECK(window.count() == 64);
  CHECK(window.minimum()->count() == 0.001);
  window.add(base::Seconds{0.010});
  CHECK(window.count() == 64);
  CHECK(window.minimum()->count() == 0.010);
  CHECK(window.deviation()->count() == 0);
  window.clear();
  CHECK(window.count() == 0);
  CHECK_FALSE(window.minimum());
  CHECK_FALSE(window.quantile(0.5));
}

TEST_CASE("a quantile is the delay that such a part of the delays does not exceed") {
  DelayWindow window;
  for (int i = 9; i >= 1; --i) window.add(base::Seconds{i / 1024.0});
  CHECK(window.quantile(0)->count() == 1 / 1024.0);
  CHECK(window.quantile(0.5)->count() == 5 / 1024.0);
  CHECK(window.quantile(0.51)->count() == 6 / 1024.0);
  CHECK(window.quantile(1)->count() == 9 / 1024.0);
}

TEST_CASE("usual are the delays that are not far beyond the shortest, however many are") {
  constexpr base::Seconds error{1e-6};
  UsualDelay usual;
  for (int i = 0; i < 8; ++i) CHECK(usual.take(base::Seconds{0.010 + 0.001 * (i % 2)}, error, 10));
  for (int i = 0; i < 15; ++i) CHECK_FALSE(usual.take(base::Seconds{0.100}, error, 10));
  CHECK(usual.take(base::Seconds{0.014}, error, 10));
  CHECK(usual.take(base::Seconds{0.100}, error, 0));
}

TEST_CASE("after sixteen long delays in a row the route is another one") {
  constexpr base::Seconds error{1e-6};
  UsualDelay usual;
  for (int i = 0; i < 8; ++i) CHECK(usual.take(base::Seconds{0.010}, error, 10));
  for (int i = 0; i < 15; ++i) CHECK_FALSE(usual.take(base::Seconds{0.100}, error, 10));
  for (int i = 0; i < 8; ++i) CHECK(usual.take(base::Seconds{0.100}, error, 10));
  CHECK_FALSE(usual.take(base::Seconds{0.200}, error, 10));
}

TEST_CASE("what both clocks cannot tell makes no delay a long one") {
  UsualDelay usual;
  for (int i = 0; i < 8; ++i) CHECK(usual.take(base::Seconds{0.010}, base::Seconds{0.001}, 10));
  CHECK(usual.take(base::Seconds{0.029}, base::Seconds{0.001}, 10));
  CHECK_FALSE(usual.take(base::Seconds{0.210}, base::Seconds{0.001}, 10));
}

}  // namespace gnomon::testing
