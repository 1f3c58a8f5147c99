// SPDX-License-Identifier: GPL-2.0-or-later
// A reference clock that this machine may have, and the line of configuration for it. A value.
#pragma once

#include <cstdint>
#include <string>

namespace gnomon::ctl {

enum class ClockKind : std::uint8_t { pps, phc, rtc, shm };

struct FoundClock {
  ClockKind kind{};
  std::string device;  // "/dev/ptp0"; of a segment its unit
  std::string name;    // as its driver calls it; of a segment who made it
  std::string line;    // for the configuration; empty: it cannot be used as it is
  std::string remark;  // what to know or to do before
  friend bool operator==(const FoundClock&, const FoundClock&) = default;
};

}  // namespace gnomon::ctl
