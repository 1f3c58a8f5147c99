// SPDX-License-Identifier: GPL-2.0-or-later
// How the server half describes our clock (RFC 5905 section 7.3): made by the timekeeper, read for every
// answer.
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/values/smoothing_curve.hpp"

namespace gnomon::engine {

// By how much served time differs from the system clock: it is right at once, while the clock is still being
// slewed or where nobody corrects it (-x), and then smoothed (smoothtime).
struct ServedTime {
  bool smoothed = false;  // by the curve
  bool slewed = true;     // the rest becomes less and is over when it is 0; false (-x): it goes on as it does
  base::RealTime at;      // what is below holds from that reading on
  base::Seconds rest{};   // what the clock has still to be corrected by
  double rest_rate = 0;   // s/s
  SmoothingCurve curve;
  double curve_rate = 1;  // of the curve's seconds, in one of the reading's
  // A scale that goes on evenly, for the extension field F323: what is served less all corrections so far. Of
  // another epoch nothing is comparable.
  base::Duration corrected{};
  std::uint32_t epoch = 0;
  // To be added to the reading: for clients, and without the smoothing for peers.
  [[nodiscard]] base::Seconds offset(base::RealTime reading) const;
  [[nodiscard]] base::Seconds correction(base::RealTime reading) const;
};

struct ServerView {
  base::LeapIndicator leap = base::LeapIndicator::unsynchronised;
  std::uint8_t stratum = 16;
  std::int8_t precision = -20;  // log2 s
  base::Seconds root_delay{1};
  base::Seconds root_dispersion{1};  // at `dispersion_time`
  base::RealTime dispersion_time;
  double dispersion_rate = 0;  // s/s
  base::ReferenceId reference_id;
  base::RealTime reference_time;
  bool own_clock = false;  // `local`: its reference is the clock itself, and the reference time goes with it
  ServedTime served;
};

}  // namespace gnomon::engine
