// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "ctl/render/cells.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl {

std::string render_rtcdata(const Reply& reply, const View& view) {
  const Record clock(reply);
  const double reference = clock.number("reference_time"), span = clock.number("span"),
               offset = clock.number("offset"), frequency = clock.number("frequency");
  const auto samples = clock.integer("samples"), runs = clock.integer("runs");
  if (view.csv)
    return fmt::format("{:.9f},{},{},{},{:.6f},{:.3f}\n", reference, samples, runs, age_csv(span), offset,
                       frequency);
  return fmt::format(
      "RTC ref time (UTC) : {}\n"
      "Number of samples  : {}\n"
      "Number of runs     : {}\n"
      "Sample span period : {}\n"
      "RTC is fast by     : {:12.6f} seconds\n"
      "RTC gains time at  : {:9.3f} ppm\n",
      date_text(reference), samples, runs, age_cell(span), offset, frequency);
}

}  // namespace gnomon::ctl
