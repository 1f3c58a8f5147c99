// SPDX-License-Identifier: GPL-2.0-or-later
// What reports show of several values at once, the same in every form of them. Stateless.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/enum_words.hpp"
#include "daemon/core/control/reporter.hpp"

namespace gnomon::core::control {

using base::EnumWord;
inline constexpr std::array leap_words{EnumWord{base::LeapIndicator::none, "normal"},
                                       EnumWord{base::LeapIndicator::insert, "insert_second"},
                                       EnumWord{base::LeapIndicator::remove, "delete_second"},
                                       EnumWord{base::LeapIndicator::unsynchronised, "not_synchronised"}};

inline constexpr std::array state_words{EnumWord{engine::SourceState::selected, "selected"},
                                        EnumWord{engine::SourceState::combined, "combined"},
                                        EnumWord{engine::SourceState::selectable, "selectable"},
                                        EnumWord{engine::SourceState::falseticker, "falseticker"},
                                        EnumWord{engine::SourceState::jittery, "jittery"},
                                        EnumWord{engine::SourceState::unselectable, "unselectable"}};

inline constexpr std::array mode_words{EnumWord{engine::AuthMode::none, "none"},
                                       EnumWord{engine::AuthMode::symmetric, "symmetric"},
                                       EnumWord{engine::AuthMode::nts, "nts"}};

// All words of such a table, in its order.
template <typename Enum, std::size_t Size>
[[nodiscard]] constexpr std::array<std::string_view, Size> words_of(
    const std::array<base::EnumWord<Enum>, Size>& table) {
  std::array<std::string_view, Size> words{};
  for (std::size_t i = 0; i < Size; ++i) words[i] = table[i].word;
  return words;
}

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
