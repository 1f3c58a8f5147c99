// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/late_stamps.hpp"

#include <algorithm>
#include <cmath>

namespace gnomon::simulation {

bool ExchangeStamps::is_bad() const {
  if (exchanges_ == 0 && model_.first_is_bad) return true;
  return model_.bad_one_of > 0 && exchanges_ % model_.bad_one_of == model_.bad_one_of / 2;
}

ExchangeStamps::Lateness ExchangeStamps::next(double t, double round_trip) {
  Lateness lateness;
  if (is_bad()) lateness.transmit = std::max(round_trip - model_.bad_round_trip, 0.0);
  ++exchanges_;
  const double periods = std::floor(t / model_.period);
  if (model_.late > 0 && periods > periods_)
    (std::fmod(periods, 2) < 1 ? lateness.receive : lateness.transmit) += model_.late;
  periods_ = periods;
  return lateness;
}

}  // namespace gnomon::simulation
