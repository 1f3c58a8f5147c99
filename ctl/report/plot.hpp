// SPDX-License-Identifier: GPL-2.0-or-later
// Axes, and points as paths in the units of a drawing: `drawing_width` wide, as high as the panel says. The
// drawing is stretched to the page's width, so all text stands outside of it. Stateless.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace gnomon::ctl {

inline constexpr double drawing_width = 1000;

struct Axis {
  double low = 0;
  double high = 1;
  bool logarithmic = false;
  // 0 at `low`, 1 at `high`; beyond them it is clipped.
  [[nodiscard]] double share(double value) const;
};

// Where a label stands along its axis.
struct Tick {
  double share = 0;
  std::string label;
};
// Round values, about so many; without labels.
[[nodiscard]] std::vector<double> round_values(const Axis& axis, int about);
// Times of the day, at most nine.
[[nodiscard]] std::vector<Tick> time_ticks(double begin, double end, bool utc);

struct Point {
  double x = 0;
  double y = 0;
};
// In place of a point: what follows is not joined to what was before.
[[nodiscard]] Point gap();
[[nodiscard]] bool is_gap(const Point& point);

// Points in the order of x, of which those that fall into one column of the drawing become their first, their
// lowest, their highest and their last: what is seen stays as it is, and a day is no longer than an hour.
[[nodiscard]] std::vector<Point> thinned(std::span<const Point> points);
// The `d` of a path, lines between them.
[[nodiscard]] std::string line_path(std::span<const Point> points);
// A closed area between two lines with the same x.
[[nodiscard]] std::string band_path(std::span<const Point> upper, std::span<const Point> lower);
// Down to `bottom`.
[[nodiscard]] std::string area_path(std::span<const Point> points, double bottom);
// A dot for each; those that would fall onto the same place are one. At most `most`: beyond that the places
// become coarser.
[[nodiscard]] std::string dots_path(std::span<const Point> points, std::size_t most);

// The value below which that share of them is; they need not be sorted and not be any.
[[nodiscard]] double quantile(std::vector<double> values, double share);

}  // namespace gnomon::ctl
