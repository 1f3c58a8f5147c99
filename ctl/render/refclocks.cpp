// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "ctl/render/prose.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl {

std::string render_refclocks(const Reply& reply, const View& view) {
  std::string text;
  for (const auto& clock : Record(reply).records("clocks")) {
    const auto kind = clock.text("kind"), device = clock.text("device"), name = clock.text("name"),
               line = clock.text("line");
    if (view.csv)
      text += fmt::format("{},{},{},{}\n", kind, device, name, line);
    else
      text += fmt::format("{:<4} {:<12} {}\n     {}\n{}", kind, device, name, line,
                          paragraph(clock.text("remark"), view.width, "     # ", "     # "));
  }
  if (text.empty() && !view.csv)
    text = paragraph(
        "This machine shows no PPS source, no PTP clock, no real-time clock and no segment of a receiver.",
        view.width);
  return text;
}

}  // namespace gnomon::ctl
