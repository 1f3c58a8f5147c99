// SPDX-License-Identifier: GPL-2.0-or-later
// A reference clock with the option `local`: it has no true time, but runs more evenly than the system
// clock's oscillator. What it says becomes a correction of frequency that is part of that oscillator from
// then on, so that the two run side by side; where true time is remains for other sources to say. Owned by
// the reference clock.
#pragma once

#include <optional>

#include "base/units.hpp"
#include "daemon/core/engine/refclock/reading_filter.hpp"

namespace gnomon::engine {

class LocalFollower {
 public:
  // Of each poll interval, on the free-running scale, which does not know of the correction. What the
  // oscillator is to be made faster by from now on; nullopt: as before.
  [[nodiscard]] std::optional<base::Ppm> add(const FilteredReading& reading);
  // The clock was moved: the next reading begins a new line, and the correction stays.
  void begin_again() { line_.reset(); }

 private:
  struct Line {  // along which the reference clock is to be ahead of the oscillator
    FilteredReading from;
    std::optional<double> slope;  // s/s; nullopt: it takes a second reading
    LocalTime last;
    base::Duration last_theta{};
  };
  void follow(const FilteredReading& reading, double interval);
  [[nodiscard]] base::Ppm limited() const;

  std::optional<Line> line_;
  double change_ = 0;      // s/s per s
  double integral_ = 0;    // s/s
  double correction_ = 0;  // s/s
};

}  // namespace gnomon::engine
