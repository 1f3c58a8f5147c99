// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/timekeeper_settings.hpp"

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("the first frequency is the drift file's, else the kernel's, within maxdrift") {
  TimekeeperSettings s;
  s.initial_rate = 3e-6;
  CHECK(first_frequency(s) == 3e-6);
  s.drift = DriftFile{{12}, {0.5}};
  CHECK(first_frequency(s) == Approx(-12e-6));
  s.clock.max_drift = base::Ppm{10};
  CHECK(first_frequency(s) == Approx(-10e-6));
  CHECK(discipline_settings(s).initial_frequency == first_frequency(s));
  CHECK(prior_of(s).frequency == first_frequency(s));
  CHECK(prior_of(s).largest == Approx(10e-6));
}

TEST_CASE("a drift file says how well the frequency is known, within reason") {
  TimekeeperSettings s;
  CHECK(prior_of(s).deviation == 200e-6);
  CHECK(discipline_settings(s).initial_skew == 2e-3);
  s.drift = DriftFile{{0}, {5}};
  CHECK(prior_of(s).deviation == Approx(5e-6));
  CHECK(discipline_settings(s).initial_skew == Approx(5e-6));
  s.drift->skew = {0.001};
  CHECK(prior_of(s).deviation == 1e-6);  // it may have been colder
  s.drift->skew = {90000};
  CHECK(prior_of(s).deviation == 200e-6);
  CHECK(discipline_settings(s).initial_skew == 2e-3);
}

TEST_CASE("a source's own limits come before those of selection") {
  TimekeeperSettings s;
  config::Source source;
  CHECK(max_samples_of(source, s.selection) == 64);
  s.selection.max_samples = 20;
  s.selection.min_samples = 4;
  CHECK(limits_of(source, s).max_samples == 20);
  CHECK(limits_of(source, s).min_samples == 4);
  source.max_samples = 500;
  source.min_samples = 8;
  source.asymmetry = 0.25;
  source.min_delay = base::Seconds{-1};
  const auto limits = limits_of(source, s);
  CHECK(limits.max_samples == 64);
  CHECK(limits.min_samples == 8);
  CHECK(limits.asymmetry == 0.25);
  CHECK(limits.shortest.count() == 0);
}

}  // namespace gnomon::testing
