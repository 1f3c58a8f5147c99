// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/leap/leap_table.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/utc_day.hpp"

namespace gnomon::engine {

base::LeapIndicator LeapTable::leap_at_end_of(base::RealTime utc) const {
  if (expired(utc)) return base::LeapIndicator::none;
  const auto next = std::ranges::find(entries, base::day_end(utc), &Entry::from);
  if (next == entries.end() || next == entries.begin()) return base::LeapIndicator::none;
  const bool inserted = next->tai_offset > (next - 1)->tai_offset;
  return inserted ? base::LeapIndicator::insert : base::LeapIndicator::remove;
}

std::optional<std::int16_t> LeapTable::tai_offset(base::RealTime utc) const {
  const auto after = std::ranges::upper_bound(entries, utc, {}, &Entry::from);
  if (after == entries.begin() || expired(utc)) return std::nullopt;
  return (after - 1)->tai_offset;
}

bool LeapTable::append(const Entry& entry) {
  if (entry.tai_offset < least_tai_offset || entry.tai_offset > greatest_tai_offset) return false;
  if (entry.from != base::day_begin(entry.from)) return false;
  if (!entries.empty() &&
      (entry.from <= entries.back().from || std::abs(entry.tai_offset - entries.back().tai_offset) != 1))
    return false;
  entries.push_back(entry);
  return true;
}

}  // namespace gnomon::engine
