// SPDX-License-Identifier: GPL-2.0-or-later
// What reports show of several values at once, the same in every form of them. Stateless.
#pragma once

#include <cstdint>
#include <vector>

#include "daemon/core/control/reporter.hpp"

namespace gnomon::core::control {

// Sources by what they do at the moment.
struct ActivityCounts {
  std::uint32_t online = 0;
  std::uint32_t offline = 0;
  std::uint32_t burst_online = 0;
  std::uint32_t burst_offline = 0;
  std::uint32_t unresolved = 0;
};
// missing_members: see Reporter.
[[nodiscard]] inline ActivityCounts count_activity(const std::vector<SourceReport>& sources,
                                                   std::uint32_t missing_members) {
  ActivityCounts counts{.unresolved = missing_members};
  for (const auto& source : sources) {
    if (source.association.is_refclock()) continue;  // chronyd does not count them, either
    switch (source.association.activity) {
      case engine::Activity::online:
        ++counts.online;
        break;
      case engine::Activity::offline:
        ++counts.offline;
        break;
      case engine::Activity::burst_online:
        ++counts.burst_online;
        break;
      case engine::Activity::burst_offline:
        ++counts.burst_offline;
        break;
      case engine::Activity::unresolved:
        ++counts.unresolved;
        break;
    }
  }
  return counts;
}

// Of selection. Reports count from our clock's side: what is low for the source is high for us.
struct SelectionInterval {
  base::Seconds low{};
  base::Seconds high{};
};
[[nodiscard]] inline SelectionInterval interval_of(const engine::Evidence& evidence) {
  return {-evidence.high, -evidence.low};
}

// As selection knows it: a source that has not answered says nothing.
[[nodiscard]] inline base::LeapIndicator leap_of(const engine::AssociationReport& association) {
  const bool known = association.ntp.any || association.is_refclock();
  return known ? association.ntp.leap : base::LeapIndicator::unsynchronised;
}

}  // namespace gnomon::core::control
