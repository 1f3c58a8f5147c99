// SPDX-License-Identifier: GPL-2.0-or-later
// A sample and an estimate on the free-running scale: what passes between the estimators and the timekeeper.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "daemon/core/engine/estimation/timescale.hpp"

namespace gnomon::engine {

// Two packets that do not answer each other at once, as those of peers: the round trip is what is left of the
// time between them, and known as well as our clock's frequency.
struct Apart {
  base::Seconds ours{};    // from the one we sent to the one we got, on the free-running scale
  base::Seconds excess{};  // of that over the same by the peer
  double skew = 0;         // s/s, by which the frequency that the delay was made with may be wrong

  // At that frequency; no shorter than it may be.
  [[nodiscard]] base::Seconds delay(double frequency) const {
    return base::Seconds{std::fabs((excess + ours * frequency).count()) + std::fabs(ours.count()) * skew};
  }
};

// A sample on the free-running scale.
struct Observation {
  LocalTime at;
  base::Duration theta{};  // true time since the start of local time, minus local time
  base::Seconds delay{};
  base::Seconds dispersion{};
  std::optional<Apart> apart{};
};

// A line: theta(t) = theta + frequency * (t - at).
struct Estimate {
  LocalTime at;  // of the last sample
  base::Duration theta{};
  double frequency = 0;        // s/s; positive: true time runs faster than our free-running clock
  double skew = 2e-3;          // s/s, bound on the error of frequency
  base::Seconds deviation{4};  // of the samples around the line
  base::Seconds error{4};      // standard error of theta at `at`
  base::Seconds delay{};       // of the sample with the shortest round trip
  std::uint32_t samples = 0;
  std::uint32_t runs = 0;
  std::uint32_t dropped = 0;  // by the last sample: with them the line would not be straight
  base::Duration span{};
  // Whether the line is long enough for its frequency to mean something.
  bool has_frequency = false;

  [[nodiscard]] base::Duration theta_at(LocalTime t) const {
    return theta + base::to_duration(base::to_seconds(t - at) * frequency);
  }
  // The same for a line that may be too short to have a frequency: then the clock runs at that one, s/s.
  [[nodiscard]] base::Duration theta_at(LocalTime t, double frequency_otherwise) const {
    if (has_frequency) return theta_at(t);
    return theta + base::to_duration(base::to_seconds(t - at) * frequency_otherwise);
  }
};

}  // namespace gnomon::engine
