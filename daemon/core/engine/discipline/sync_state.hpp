// SPDX-License-Identifier: GPL-2.0-or-later
// Our clock as others see it at one moment (RFC 5905 section 7.3), and what the operator, the kernel and our
// clients are told of it. Stateless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/address.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/discipline/discipline.hpp"
#include "daemon/core/engine/discipline/local_reference.hpp"
#include "daemon/core/engine/discipline/reference.hpp"
#include "daemon/core/engine/values/clock_command.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "daemon/core/engine/values/server_view.hpp"

namespace gnomon::engine {

inline constexpr base::Seconds largest_dispersion{16};  // RFC 5905 MAXDISP: beyond that we know nothing

struct SyncState {
  enum class Kind : std::uint8_t { unsynchronised, synchronised, local } kind = Kind::unsynchronised;
  base::LeapIndicator leap = base::LeapIndicator::unsynchronised;
  std::uint8_t stratum = 16;
  base::ReferenceId reference_id;
  base::RealTime reference_time;
  base::Seconds root_delay{1};
  base::Seconds root_dispersion{1};
  base::Seconds error{};    // estimated
  base::IpAddress address;  // of the source; unspecified: none
  std::string name;
};

// dispersion: of the reference by now, where there is one. leap: told to others while the clock is
// synchronised. ages: of start and update; their distance is not looked at.
[[nodiscard]] SyncState sync_state_of(const std::optional<Reference>& reference, base::Seconds dispersion,
                                      base::LeapIndicator leap, const LocalReference& local,
                                      LocalReference::Clock ages, base::RealTime now);

// remaining: correction, see TrackingReport::system_time.
[[nodiscard]] TrackingReport tracking_report(const SyncState& state, const Discipline& discipline,
                                             base::Seconds remaining);
// dispersion_rate: s/s, while the clock is synchronised.
[[nodiscard]] ServerView server_view_of(const SyncState& state, base::Seconds clock_precision,
                                        double dispersion_rate, base::RealTime now);
// armed: the leap second that the kernel is to make; tai_offset: s, 0 not known.
[[nodiscard]] ReportStatus kernel_status(const SyncState& state, base::LeapIndicator armed,
                                         std::int16_t tai_offset);

}  // namespace gnomon::engine
