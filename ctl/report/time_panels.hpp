// SPDX-License-Identifier: GPL-2.0-or-later
// What a report draws over time: the bound on the clock's error, the offsets found, the frequency, the
// events. Stateless.
#pragma once

#include <string>
#include <vector>

#include "ctl/report/history.hpp"
#include "ctl/report/panel.hpp"

namespace gnomon::ctl {

// The time that is shown; seconds since 1970.
struct Period {
  double begin = 0;
  double end = 1;
  bool utc = false;
  [[nodiscard]] double x(double time) const { return (time - begin) / (end - begin) * drawing_width; }
  [[nodiscard]] bool has(double time) const { return time >= begin && time <= end; }
};

// How the bound went, with a gap where the clock was not synchronised.
struct BoundLine {
  std::vector<Point> points;  // x: time, y: seconds
  double synchronised = 0;    // share of what is known
  double largest = 0;
};
[[nodiscard]] BoundLine bound_line(const History& history, const Period& period);

[[nodiscard]] std::vector<Panel> time_panels(const History& history, const Period& period);

}  // namespace gnomon::ctl
