// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/report/plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "ctl/report/markup.hpp"

namespace gnomon::ctl {

namespace {

constexpr double columns = 500;

std::string place(const Point& point) {
  return fmt::format("{} {}", coordinate(point.x), coordinate(point.y));
}

double column_of(const Point& point) {
  return std::floor(point.x / drawing_width * columns);
}

// Those of one column, in the order of time.
void add_column(std::span<const Point> column, std::vector<Point>& to) {
  const auto [low, high] = std::ranges::minmax_element(column, {}, &Point::y);
  std::array places{column.begin(), low, high, column.end() - 1};
  std::ranges::sort(places);
  const auto [last, end] = std::ranges::unique(places);
  for (const auto* each = places.begin(); each != last; ++each) to.push_back(**each);
}

// Spans without gaps, one after the other.
template <class Function>
void for_each_piece(std::span<const Point> points, Function function) {
  while (!points.empty()) {
    const auto end = std::ranges::find_if(points, is_gap);
    const auto size = static_cast<std::size_t>(end - points.begin());
    if (size > 0) function(points.first(size));
    points = points.subspan(std::min(size + 1, points.size()));
  }
}

std::string joined(std::span<const Point> points) {
  std::string path;
  for (const auto& point : points) path += (path.empty() ? "M" : "L") + place(point);
  return path;
}

struct Step {
  double seconds;
  const char* form;
};
constexpr std::array steps{
    Step{1, "%T"},          Step{2, "%T"},        Step{5, "%T"},         Step{10, "%T"},
    Step{15, "%T"},         Step{30, "%T"},       Step{60, "%R"},        Step{120, "%R"},
    Step{300, "%R"},        Step{600, "%R"},      Step{900, "%R"},       Step{1800, "%R"},
    Step{3600, "%R"},       Step{7200, "%R"},     Step{10800, "%R"},     Step{21600, "%R"},
    Step{43200, "%R"},      Step{86400, "%d %b"}, Step{172800, "%d %b"}, Step{604800, "%d %b"},
    Step{2592000, "%d %b"}, Step{31536000, "%Y"}};

std::tm date_of(double time, bool utc) {
  const auto whole = static_cast<std::time_t>(std::floor(time));
  std::tm date{};
  if (utc)
    gmtime_r(&whole, &date);
  else
    localtime_r(&whole, &date);
  return date;
}

}  // namespace

double Axis::share(double value) const {
  if (!logarithmic) return std::clamp((value - low) / (high - low), 0.0, 1.0);
  const double safe = std::max(value, low);
  return std::clamp(std::log(safe / low) / std::log(high / low), 0.0, 1.0);
}

std::vector<double> round_values(const Axis& axis, int about) {
  std::vector<double> values;
  if (axis.logarithmic) {
    const double first = std::pow(10, std::ceil(std::log10(axis.low) - 1e-9));
    for (double value = first; value <= axis.high * 1.0000001 && values.size() < 20; value *= 10)
      values.push_back(value);
    return values;
  }
  const double wanted = (axis.high - axis.low) / about;
  const double size = std::pow(10, std::floor(std::log10(wanted)));
  const double step = wanted / size > 5   ? 10 * size
                      : wanted / size > 2 ? 5 * size
                      : wanted / size > 1 ? 2 * size
                                          : size;
  const double first = std::ceil(axis.low / step - 1e-9);
  for (double n = first; n * step <= axis.high + step * 1e-9 && values.size() < 20; ++n)
    values.push_back(n * step);
  return values;
}

std::vector<Tick> time_ticks(double begin, double end, bool utc) {
  constexpr std::size_t most = 8;
  const auto fits = [length = end - begin](const Step& step) {
    return length / step.seconds <= double{most};
  };
  const auto* const step = std::ranges::find_if(steps, fits);
  if (step == steps.end()) return {};
  const auto date = date_of(begin, utc);
  const double away = utc ? 0 : static_cast<double>(date.tm_gmtoff);
  std::vector<Tick> ticks;
  for (double n = std::ceil((begin + away) / step->seconds);; ++n) {
    const double time = n * step->seconds - away;
    if (time > end || ticks.size() > most) return ticks;
    const auto there = date_of(time, utc);
    const bool is_midnight = step->seconds >= 3600 && there.tm_hour == 0 && there.tm_min == 0;
    std::array<char, 32> text{};
    const auto size = std::strftime(text.data(), text.size(), is_midnight ? "%d %b" : step->form, &there);
    ticks.push_back({(time - begin) / (end - begin), std::string{text.data(), size}});
  }
}

Point gap() {
  return {0, std::numeric_limits<double>::quiet_NaN()};
}

bool is_gap(const Point& point) {
  return std::isnan(point.y);
}

std::vector<Point> thinned(std::span<const Point> points) {
  std::vector<Point> kept;
  for_each_piece(points, [&kept](std::span<const Point> piece) {
    if (!kept.empty()) kept.push_back(gap());
    while (!piece.empty()) {
      const auto end = std::ranges::find_if(piece, [column = column_of(piece.front())](const Point& point) {
        return column_of(point) != column;
      });
      const auto size = static_cast<std::size_t>(end - piece.begin());
      add_column(piece.first(size), kept);
      piece = piece.subspan(size);
    }
  });
  return kept;
}

std::string line_path(std::span<const Point> points) {
  std::string path;
  for_each_piece(points, [&path](std::span<const Point> piece) {
    path += joined(piece);
    if (piece.size() == 1) path += "h0";  // a dot, with round ends
  });
  return path;
}

std::string band_path(std::span<const Point> upper, std::span<const Point> lower) {
  std::vector<Point> around(upper.begin(), upper.end());
  around.insert(around.end(), lower.rbegin(), lower.rend());
  return around.empty() ? "" : joined(around) + "Z";
}

std::string area_path(std::span<const Point> points, double bottom) {
  std::string path;
  for_each_piece(points, [&path, bottom](std::span<const Point> piece) {
    const std::array foot{Point{piece.front().x, bottom}, Point{piece.back().x, bottom}};
    path += band_path(piece, foot);
  });
  return path;
}

std::string dots_path(std::span<const Point> points, std::size_t most) {
  for (double grain = 2;; grain *= 1.5) {
    std::set<std::pair<double, double>> places;
    for (const auto& point : points)
      places.emplace(std::round(point.x / grain) * grain, std::round(point.y / grain) * grain);
    if (places.size() > most) continue;
    std::string path;
    for (const auto& [x, y] : places) path += fmt::format("M{:.0f} {:.0f}h0", x, y);
    return path;
  }
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(std::lround(share * static_cast<double>(values.size() - 1)));
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(at));
  return values[at];
}

}  // namespace gnomon::ctl
