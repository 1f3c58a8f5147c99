// SPDX-License-Identifier: GPL-2.0-or-later
// Curves in the characters of a terminal: the bound on the error as columns, offsets around zero. Stateless.
#pragma once

#include <string>
#include <vector>

#include "ctl/watch/cells.hpp"
#include "ctl/watch/model.hpp"

namespace gnomon::ctl {

struct CurveSize {
  std::size_t width = 40;  // columns, the axis included
  std::size_t height = 4;  // lines, without the heading
  double span = 600;       // seconds until now
};

// The bound over time: a heading and so many lines, each as wide as said.
[[nodiscard]] std::vector<Line> bound_curve(const WatchModel& model, const CurveSize& size,
                                            const Canvas& canvas);
// What clock updates found, likewise.
[[nodiscard]] std::vector<Line> offset_curve(const WatchModel& model, const CurveSize& size,
                                             const Canvas& canvas);

}  // namespace gnomon::ctl
