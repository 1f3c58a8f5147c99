// SPDX-License-Identifier: GPL-2.0-or-later
// Who says that a leap second comes, and how it is told of. Stateless.
#pragma once

#include <span>

#include "base/time.hpp"
#include "base/units.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/leap/leap_seconds.hpp"
#include "daemon/core/engine/leap/leap_table.hpp"
#include "daemon/core/engine/values/note.hpp"

namespace gnomon::engine {

// What more than half of the sources say.
[[nodiscard]] base::LeapIndicator leap_by_majority(std::span<const base::LeapIndicator> said);
// What ends the day of `utc`: the table knows, else what the sources say holds.
[[nodiscard]] base::LeapIndicator leap_of_day(const LeapTable& table, base::LeapIndicator by_sources,
                                              base::RealTime utc);

// Who makes leap seconds.
struct LeapMaker {
  config::LeapSecondMode mode = config::LeapSecondMode::system;
  bool steer = true;  // false: somebody else has the clock
};
[[nodiscard]] Note leap_announced(base::LeapIndicator leap, const LeapMaker& maker);
// UTC has made it.
[[nodiscard]] Note leap_made(const LeapEvent& event, const LeapMaker& maker);

}  // namespace gnomon::engine
