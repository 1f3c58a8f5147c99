// SPDX-License-Identifier: GPL-2.0-or-later
// What the last clock update says of our clock, and how that grows less certain with time (RFC 5905
// section 11.2). A value, owned by the timekeeper.
#pragma once

#include <cstdint>
#include <string>

#include "base/address.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/discipline/discipline.hpp"
#include "daemon/core/engine/discipline/tracked_source.hpp"

namespace gnomon::engine {

struct Reference {
  base::ReferenceId id;
  base::IpAddress address;
  std::string name;
  std::uint8_t stratum = 16;
  base::LeapIndicator leap = base::LeapIndicator::none;  // what most of the sources said
  base::RealTime time;                                   // system clock at the update
  LocalTime at;
  base::Seconds root_delay{};
  base::Seconds root_dispersion{};  // at the update, without what the clock has still to be corrected by
  base::Seconds error{};

  // What the clock has still to be corrected by is `rest`; rate: at which it becomes less certain, s/s.
  [[nodiscard]] base::Seconds dispersion(LocalTime now, double rate, base::Seconds rest) const;
  [[nodiscard]] base::Seconds root_distance(base::Seconds dispersion) const {
    return root_delay / 2.0 + dispersion;
  }
};

// After an update at `now` by what the steering sources said together, `selected` the leading one of them.
[[nodiscard]] Reference reference_of(const TrackedSource& selected, const Combined& combined,
                                     base::LeapIndicator leap, base::RealTime now);

}  // namespace gnomon::engine
