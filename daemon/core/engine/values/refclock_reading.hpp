// SPDX-License-Identifier: GPL-2.0-or-later
// One reading of a reference clock of this machine, as its driver gave it, and what became of it.
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "base/units.hpp"

namespace gnomon::engine {

struct RefclockReading {
  base::RealTime time;         // system clock, not corrected
  base::Duration offset{};     // clock minus system clock; of a pulse up to whole seconds
  base::Seconds dispersion{};  // bound on the error of reading it
  base::LeapIndicator leap = base::LeapIndicator::none;
  bool pulse = false;  // whole seconds (or periods, see `rate`) are not known
};

// Why the last reading of a reference clock did not count.
enum class RefclockTrouble : std::uint8_t {
  none,
  silent,            // there was none
  wrong_time,        // it is from another time than now: too old, in the future, or a repetition
  no_whole_seconds,  // a pulse: the clock of `lock` has given no reading lately
  ambiguous_pulse,   // a pulse: the clock of `lock` does not tell whose second it begins
  clock_not_known,   // a pulse: our own clock is not known well enough to number it
  wrong_edge,        // a pulse: by `width` it is the other edge
  no_tai_offset,     // `tai`: UTC is not known, as there is no table of leap seconds, or one is near
  too_noisy,         // maxdispersion
  not_synchronised   // it says so itself, by its leap indicator
};

}  // namespace gnomon::engine
