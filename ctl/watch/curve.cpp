// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/watch/curve.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

namespace gnomon::ctl {

namespace {

constexpr std::size_t axis_width = 9;  // "999.9 us "

struct Column {
  double low;
  double high;
};
using Columns = std::vector<std::optional<Column>>;

std::size_t columns_in(const CurveSize& size) {
  return size.width > axis_width ? size.width - axis_width : 0;
}

void extend(std::optional<Column>& column, double value) {
  if (!column) column = Column{value, value};
  column->low = std::min(column->low, value);
  column->high = std::max(column->high, value);
}

// The bound in force at the end of each column's time.
Columns bounds(const WatchModel& model, const CurveSize& size) {
  Columns columns(columns_in(size));
  const auto& points = model.history.clock;
  std::size_t next = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const double time = model.now - size.span * static_cast<double>(columns.size() - 1 - i) /
                                        static_cast<double>(columns.size());
    while (next < points.size() && points[next].time <= time) ++next;
    if (next == 0 || !points[next - 1].bound) continue;
    const auto& point = points[next - 1];
    extend(columns[i], *point.bound + point.growth * (time - point.time));
  }
  return columns;
}

Columns offsets(const WatchModel& model, const CurveSize& size) {
  Columns columns(columns_in(size));
  for (const auto& point : model.history.clock) {
    const double share = 1 - (model.now - point.time) / size.span;
    if (!point.offset || share < 0 || columns.empty()) continue;
    const auto at = static_cast<std::size_t>(share * static_cast<double>(columns.size()));
    extend(columns[std::min(at, columns.size() - 1)], *point.offset);
  }
  return columns;
}

// From the bottom: of so many eighths of the line the column has that many.
std::string bar_cell(double eighths, const Canvas& canvas) {
  constexpr std::array blocks{" ",      "\u2581", "\u2582", "\u2583", "\u2584",
                              "\u2585", "\u2586", "\u2587", "\u2588"};
  constexpr std::array letters{" ", "_", "_", "_", ".", ".", "o", "o", "#"};
  const auto step = static_cast<std::size_t>(std::clamp(std::round(eighths), 0.0, 8.0));
  return canvas.unicode ? blocks.at(step) : letters.at(step);
}

// Upper and lower half of a cell.
std::string half_cell(bool upper, bool lower, bool is_zero, const Canvas& canvas) {
  if (!upper && !lower) return !is_zero ? " " : canvas.unicode ? "\u2500" : "-";
  if (!canvas.unicode) return upper && lower ? "#" : upper ? "'" : ".";
  return upper && lower ? "\u2588" : upper ? "\u2580" : "\u2584";
}

std::string axis_label(std::string_view label) {
  const auto columns = columns_of(label);
  return std::string(columns < axis_width ? axis_width - 1 - columns : 0, ' ') + std::string{label} + " ";
}

std::string span_text(double seconds) {
  return seconds < 5940 ? fmt::format("{:.0f} min", seconds / 60) : fmt::format("{:.0f} h", seconds / 3600);
}

struct Extremes {
  double low = 0;
  double high = 0;
  bool any = false;
};
Extremes extremes_of(const Columns& columns) {
  Extremes all;
  for (const auto& column : columns) {
    if (!column) continue;
    all.low = all.any ? std::min(all.low, column->low) : column->low;
    all.high = all.any ? std::max(all.high, column->high) : column->high;
    all.any = true;
  }
  return all;
}

// From zero; only where the largest is much larger than the smallest, in powers of ten.
struct Scale {
  double low = 0;  // 0: linear
  double high = 1;
  [[nodiscard]] double share(double value) const {
    return low > 0 ? std::log10(std::max(value, low) / low) / std::log10(high / low) : value / high;
  }
};
Scale scale_of(const Extremes& all) {
  const double highest = std::max(all.high, 1e-9);
  const double lowest = std::max(all.low, 1e-9);
  constexpr double much = 20;
  if (highest / lowest < much) return {.low = 0, .high = highest};
  return {.low = std::pow(10, std::floor(std::log10(lowest))),
          .high = std::pow(10, std::ceil(std::log10(highest)))};
}

std::vector<Line> framed(const std::string& heading, const std::vector<std::string>& labels,
                         const std::vector<std::string>& rows, const CurveSize& size) {
  std::vector<Line> lines{{{fitted(heading, size.width), Tone::strong}}};
  for (std::size_t i = 0; i < rows.size(); ++i)
    lines.push_back({{fitted(axis_label(labels[i]) + rows[i], size.width), Tone::plain}});
  return lines;
}

}  // namespace

std::vector<Line> bound_curve(const WatchModel& model, const CurveSize& size, const Canvas& canvas) {
  const auto columns = bounds(model, size);
  const auto all = extremes_of(columns);
  const auto scale = scale_of(all);
  std::vector<std::string> rows(size.height);
  std::vector<std::string> labels(size.height);
  if (size.height > 0) {
    labels.front() = unsigned_text(scale.high);
    if (size.height > 1) labels.back() = scale.low > 0 ? unsigned_text(scale.low) : "0";
  }
  for (const auto& column : columns) {
    const double share = column ? scale.share(column->high) : 0;
    // Something is there, if little.
    const double eighths = column ? std::max(share * 8 * static_cast<double>(size.height), 1.0) : 0;
    for (std::size_t row = 0; row < size.height; ++row)
      rows[row] += bar_cell(eighths - 8 * static_cast<double>(size.height - 1 - row), canvas);
  }
  const auto heading =
      all.any ? fmt::format("Error bound, {}, at most {}", span_text(size.span), unsigned_text(all.high))
              : fmt::format("Error bound, {}: none", span_text(size.span));
  return framed(heading, labels, rows, size);
}

std::vector<Line> offset_curve(const WatchModel& model, const CurveSize& size, const Canvas& canvas) {
  const auto columns = offsets(model, size);
  const auto all = extremes_of(columns);
  const double limit = std::max({std::fabs(all.low), std::fabs(all.high), 1e-9});
  const auto halves = static_cast<double>(2 * size.height);
  const auto level = [&](double value) {
    return std::clamp(std::floor((1 - value / limit) / 2 * halves), 0.0, halves - 1);
  };
  std::vector<std::string> rows(size.height);
  std::vector<std::string> labels(size.height);
  const auto middle = size.height / 2;
  for (const auto& column : columns)
    for (std::size_t row = 0; row < size.height; ++row) {
      const auto has = [&](double half) {
        return column && half >= level(column->high) && half <= level(column->low);
      };
      rows[row] += half_cell(has(static_cast<double>(2 * row)), has(static_cast<double>(2 * row + 1)),
                             row == middle && size.height > 2, canvas);
    }
  if (size.height > 0) {
    labels.front() = "+" + unsigned_text(limit);
    if (size.height > 2) labels[middle] = "0";
    if (size.height > 1) labels.back() = "-" + unsigned_text(limit);
  }
  const auto heading = all.any ? fmt::format("Offsets found, {}", span_text(size.span))
                               : fmt::format("Offsets found, {}: none", span_text(size.span));
  return framed(heading, labels, rows, size);
}

}  // namespace gnomon::ctl
