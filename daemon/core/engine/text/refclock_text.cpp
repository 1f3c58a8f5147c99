// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/text/refclock_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gnomon::engine {

std::optional<Explanation> explain_trouble(RefclockTrouble trouble) {
  switch (trouble) {
    case RefclockTrouble::silent:
      return Explanation{"no_readings", "gives no readings",
                         "check its device, and the program that writes them"};
    case RefclockTrouble::wrong_time:
      return Explanation{"wrong_time",
                         "gives readings of another time than now: too old, in the future, or the same again",
                         ""};
    case RefclockTrouble::no_whole_seconds:
      return Explanation{"no_whole_seconds",
                         "gives pulses, and the clock of its option `lock` has given no reading lately",
                         "check that one, or raise maxlockage"};
    case RefclockTrouble::ambiguous_pulse:
      return Explanation{"ambiguous_pulse",
                         "gives pulses, and the clock of its option `lock` is too far off, or too uncertain, "
                         "to tell which second they begin",
                         "correct that clock's `offset`"};
    case RefclockTrouble::clock_not_known:
      return Explanation{"clock_not_known",
                         "gives pulses, and our clock is not known well enough yet to tell which second "
                         "they begin",
                         "add servers, a clock to `lock` it to, or `local`"};
    case RefclockTrouble::wrong_edge:
      return Explanation{"wrong_edge", "gives pulses of the other edge, by its option `width`", ""};
    case RefclockTrouble::no_tai_offset:
      return Explanation{"no_tai_offset", "runs on TAI, and it is not known by how much that is ahead of UTC",
                         "set leapseclist or leapsectz, and keep that file up to date"};
    case RefclockTrouble::too_noisy:
      return Explanation{"too_noisy", "gives readings that differ by more than maxdispersion", ""};
    case RefclockTrouble::not_synchronised:
      return Explanation{"not_synchronised",
                         "says itself that it is not synchronised: its readings are not used",
                         "check its reception, and the program that writes them"};
    case RefclockTrouble::none:
      break;
  }
  return std::nullopt;
}

Explanation explain_missing_readings(const AssociationReport& r, double needed) {
  if (auto trouble = explain_trouble(r.trouble)) return std::move(*trouble);
  return {"gathering",
          fmt::format("has given {} sample{} so far and {:.0f} are needed; selection will consider it soon",
                      r.ntp.total_good_rx, r.ntp.total_good_rx == 1 ? "" : "s", std::max(needed, 1.0)),
          ""};
}

}  // namespace gnomon::engine
