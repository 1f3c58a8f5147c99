// SPDX-License-Identifier: GPL-2.0-or-later
// The leap seconds that a file knows of: TAI - UTC over time. A value, made by the parsers of such files.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"

namespace gnomon::engine {

// The first and the last TAI - UTC that a file may state, seconds: 10 in 1972, room for centuries.
inline constexpr std::int16_t least_tai_offset = 10;
inline constexpr std::int16_t greatest_tai_offset = 500;

struct LeapTable {
  struct Entry {
    base::RealTime from;  // midnight from which on it holds
    std::int16_t tai_offset = 0;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  std::vector<Entry> entries;             // by time, ascending; neighbours differ by one second
  std::optional<base::RealTime> expires;  // nothing is known of leap seconds from then on; nullopt: not said

  [[nodiscard]] bool expired(base::RealTime now) const { return expires && now >= *expires; }
  // What ends the day of `utc`; none from the expiry on.
  [[nodiscard]] base::LeapIndicator leap_at_end_of(base::RealTime utc) const;
  // nullopt: before the first entry, or expired.
  [[nodiscard]] std::optional<std::int16_t> tai_offset(base::RealTime utc) const;
  // Appends when the order holds and the offset is one second from the last and within bounds.
  [[nodiscard]] bool append(const Entry& entry);
  friend bool operator==(const LeapTable&, const LeapTable&) = default;
};

}  // namespace gnomon::engine
