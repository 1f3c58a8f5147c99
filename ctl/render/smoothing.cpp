// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "ctl/render/cells.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl {

std::string render_smoothing(const Reply& reply, const View& view) {
  const Record smoothing(reply);
  const std::string active = yes_no(smoothing.truth("active"));
  const char* const leap_only = smoothing.truth("leap_only") ? "(leap second only)" : "";
  const double offset = smoothing.number("offset"), frequency = smoothing.number("frequency"),
               wander = smoothing.number("wander"), last_update = smoothing.number("last_update"),
               remaining = smoothing.number("remaining");
  if (view.csv)
    return fmt::format("{},{},{:.9f},{:.6f},{:.6f},{:.1f},{:.1f}\n", active, leap_only, offset, frequency,
                       wander, last_update, remaining);
  return fmt::format(
      "Active         : {} {}\n"
      "Offset         : {:+.9f} seconds\n"
      "Frequency      : {:+.6f} ppm\n"
      "Wander         : {:+.6f} ppm per second\n"
      "Last update    : {:.1f} seconds ago\n"
      "Remaining time : {:.1f} seconds\n",
      active, leap_only, offset, frequency, wander, last_update, remaining);
}

}  // namespace gnomon::ctl
