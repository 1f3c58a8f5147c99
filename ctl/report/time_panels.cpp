// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/report/time_panels.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ctl/render/render.hpp"
#include "ctl/report/markup.hpp"

namespace gnomon::ctl {

namespace {

constexpr double height = 190;
constexpr std::size_t most_marks = 60;
constexpr int warning = 4;
constexpr int error = 3;

double y_of(const Axis& axis, double value, double of = height) {
  return (1 - axis.share(value)) * of;
}

std::vector<Point> drawn(const std::vector<Point>& points, const Period& period, const Axis& axis) {
  std::vector<Point> placed;
  placed.reserve(points.size());
  for (const auto& point : points)
    placed.push_back(is_gap(point) ? gap() : Point{period.x(point.x), y_of(axis, point.y)});
  return thinned(placed);
}

template <class Label>
std::vector<Tick> ticks(const Axis& axis, int about, Label label) {
  std::vector<Tick> made;
  for (const double value : round_values(axis, about)) made.push_back({axis.share(value), label(value)});
  return made;
}

// What was commanded and what went wrong, across the drawing.
std::string marks(const History& history, const Period& period) {
  std::string lines;
  std::size_t count = 0;
  const auto add = [&](double time, const std::string& text) {
    if (!period.has(time) || ++count > most_marks) return;
    lines += fmt::format("<path class=\"mark\" d=\"M{} 0v{:.0f}\"><title>{}</title></path>\n",
                         coordinate(period.x(time)), height, text);
  };
  for (const auto& point : history.clock)
    if (point.step) add(point.time, fmt::format("The clock is stepped by {}", quantity(*point.step, true)));
  for (const auto& event : history.events)
    if (event.level <= warning)
      add(event.time, fmt::format("{}: {}", wall_text(event.time, period.utc), escaped(event.text, 200)));
  return lines;
}

// The next clock record, or the start of another process, or the end of all.
double end_of(const History& history, std::size_t index, const Period& period) {
  const double begin = history.clock[index].time;
  double end = index + 1 < history.clock.size() ? history.clock[index + 1].time : period.end;
  for (const double start : history.starts)
    if (start > begin) end = std::min(end, start);
  return end;
}

struct Range {
  double low = 0;
  double high = 0;
};
// Without the few that would press the others flat.
Range range_of(const std::vector<double>& values, double share) {
  return {quantile(values, 1 - share), quantile(values, share)};
}

Axis wider(const Range& range, double part, double least) {
  const double more = std::max((range.high - range.low) * part, least);
  return {.low = range.low - more, .high = range.high + more};
}

Panel bound_panel(const History& history, const Period& period, const std::string& lines) {
  const auto bound = bound_line(history, period);
  double least = bound.largest;
  for (const auto& point : bound.points)
    if (!is_gap(point) && point.y > 0) least = std::min(least, point.y);
  const double low = std::pow(10, std::floor(std::log10(std::max(least, 1e-9))));
  const double high = std::pow(10, std::ceil(std::log10(std::max(bound.largest, low * 1.01))));
  const Axis axis{.low = low, .high = std::max(high, low * 10), .logarithmic = true};
  const auto points = drawn(bound.points, period, axis);
  Panel panel{.id = "bound",
              .heading = "Error bound",
              .sentence =
                  "How far the clock may have been from true time at most: it grows until the next "
                  "measurement. The scale is logarithmic; where the line is missing, the clock was "
                  "not synchronised. Dotted across all: warnings, errors and steps of the clock.",
              .description = bound.points.empty()
                                 ? "No clock update is known."
                                 : fmt::format("At most {}, synchronised {:.1f} % of the time.",
                                               quantity(bound.largest), 100 * bound.synchronised),
              .values = ticks(axis, 4, [](double value) { return round_quantity(value); }),
              .drawing = {},
              .height = height};
  panel.drawing = fmt::format("<path class=\"area a\" d=\"{}\"/>\n{}<path class=\"line a\" d=\"{}\"/>\n",
                              area_path(points, height), lines, line_path(points));
  return panel;
}

// Where nothing came for much longer than usual, nothing is known.
std::vector<Point> with_gaps(const std::vector<Point>& points) {
  std::vector<double> pauses;
  for (std::size_t i = 1; i < points.size(); ++i) pauses.push_back(points[i].x - points[i - 1].x);
  const double longest = 6 * quantile(pauses, 0.9);
  std::vector<Point> parted;
  for (const auto& point : points) {
    if (!parted.empty() && point.x - parted.back().x > longest) parted.push_back(gap());
    parted.push_back(point);
  }
  return parted;
}

std::vector<Point> offsets_of(const History& history, const Period& period) {
  std::vector<Point> points;
  for (const auto& point : history.clock) {
    if (!period.has(point.time) || !point.offset) continue;
    points.push_back({point.time, *point.offset});
  }
  return with_gaps(points);
}

std::string beyond(std::size_t count, double furthest) {
  return count == 0 ? ""
                    : fmt::format(" {} of them lie beyond the scale, the furthest at {}.", count,
                                  quantity(furthest, true));
}

Panel offset_panel(const History& history, const Period& period, const std::string& lines) {
  const auto offsets = offsets_of(history, period);
  std::vector<double> sizes;
  double furthest = 0;
  for (const auto& point : offsets) {
    if (is_gap(point)) continue;
    sizes.push_back(std::fabs(point.y));
    if (std::fabs(point.y) > std::fabs(furthest)) furthest = point.y;
  }
  const double usual = quantile(sizes, 0.95);
  const double limit = std::max(std::min(quantile(sizes, 0.98) * 1.5, std::fabs(furthest) * 1.1), 1e-9);
  const Axis axis{.low = -limit, .high = limit};
  const auto outside =
      static_cast<std::size_t>(std::ranges::count_if(sizes, [limit](double size) { return size > limit; }));
  const auto points = drawn(offsets, period, axis);
  Panel panel{
      .id = "offset",
      .heading = "Offset",
      .sentence = fmt::format("What each clock update found; above zero our clock was ahead. 95 % of the {} "
                              "updates are within \u00b1{}.{}",
                              sizes.size(), quantity(usual), beyond(outside, furthest)),
      .description =
          fmt::format("{} clock updates, the furthest {}.", sizes.size(), quantity(furthest, true)),
      .values = ticks(axis, 4, [](double value) { return round_quantity(value, true); }),
      .drawing = {},
      .height = height};
  panel.drawing =
      fmt::format("<path class=\"zero\" d=\"M0 {:.0f}h{:.0f}\"/>\n{}<path class=\"line b\" d=\"{}\"/>\n",
                  height / 2, drawing_width, lines, line_path(points));
  return panel;
}

Panel frequency_panel(const History& history, const Period& period, const std::string& lines) {
  std::vector<Point> middle;
  std::vector<double> values;
  std::vector<double> skews;
  for (const auto& point : history.clock) {
    if (!period.has(point.time)) continue;
    middle.push_back({point.time, point.frequency});
    values.push_back(point.frequency);
    skews.push_back(point.skew);
  }
  const double usual_skew = quantile(skews, 0.5);
  const Axis axis = wider(range_of(values, 0.98), 0.3, std::max(usual_skew * 1.5, 1e-4));
  std::vector<Point> upper;
  std::vector<Point> lower;
  for (std::size_t i = 0; i < middle.size(); ++i) {
    upper.push_back({period.x(middle[i].x), y_of(axis, middle[i].y + skews[i])});
    lower.push_back({period.x(middle[i].x), y_of(axis, middle[i].y - skews[i])});
  }
  const double last = values.empty() ? 0 : values.back();
  const double span = axis.high - axis.low;
  const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(span / 4))) + 1, 0, 6);
  Panel panel{
      .id = "frequency",
      .heading = "Frequency",
      .sentence = fmt::format("By how much the clock runs fast (above zero) or slow without correction, "
                              "with the error of that as a band. Last: {}\u00a0ppm.",
                              frequency_text(last, 3)),
      .description = fmt::format("Between {} and {} ppm.", frequency_text(quantile(values, 0), 3),
                                 frequency_text(quantile(values, 1), 3)),
      .values = ticks(axis, 4, [decimals](double value) { return frequency_text(value, decimals); }),
      .drawing = {},
      .height = height};
  panel.drawing =
      fmt::format("<path class=\"area c\" d=\"{}\"/>\n{}<path class=\"line c\" d=\"{}\"/>\n",
                  band_path(thinned(upper), thinned(lower)), lines, line_path(drawn(middle, period, axis)));
  return panel;
}

// Bars from the bottom: the graver, the higher.
std::string event_bars(const History& history, const Period& period, double of, int from, int to,
                       double share) {
  std::vector<Point> places;
  for (const auto& event : history.events)
    if (period.has(event.time) && event.level >= from && event.level <= to)
      places.push_back({std::round(period.x(event.time)), 0});
  const auto [last, end] = std::ranges::unique(places, {}, &Point::x);
  std::string path;
  for (auto each = places.begin(); each != last; ++each)
    path += fmt::format("M{:.0f} {:.0f}v{}", each->x, of, coordinate(-share * of));
  return path;
}

Panel event_panel(const History& history, const Period& period) {
  constexpr double of = 72;
  std::size_t errors = 0;
  std::size_t warnings = 0;
  for (const auto& event : history.events) {
    errors += event.level <= error ? 1U : 0U;
    warnings += event.level == warning ? 1U : 0U;
  }
  const auto counted =
      fmt::format("{} events, of which {} errors and {} warnings", history.events.size(), errors, warnings);
  Panel panel{.id = "events",
              .heading = "Events",
              .sentence = counted + ": the graver, the higher. The list is at the end of the page.",
              .description = counted + ".",
              .values = {{0.86, "error"}, {0.53, "warning"}, {0.2, "info"}},
              .drawing = {},
              .height = of};
  panel.drawing = fmt::format(
      "<path class=\"bar info\" d=\"{}\"/>\n<path class=\"bar warning\" d=\"{}\"/>\n"
      "<path class=\"bar error\" d=\"{}\"/>\n",
      event_bars(history, period, of, warning + 1, 7, 0.25),
      event_bars(history, period, of, warning, warning, 0.58),
      event_bars(history, period, of, 0, error, 0.92));
  return panel;
}

// From each start of the daemon to its first update it is there and not synchronised.
double seconds_of_starts(const History& history, const Period& period) {
  double seconds = 0;
  for (const double start : history.starts) {
    double end = period.end;
    for (const auto& point : history.clock)
      if (point.time >= start) end = std::min(end, point.time);
    for (const double next : history.starts)
      if (next > start) end = std::min(end, next);
    seconds += std::max(end - std::max(start, period.begin), 0.0);
  }
  return seconds;
}

}  // namespace

BoundLine bound_line(const History& history, const Period& period) {
  BoundLine line;
  double known = seconds_of_starts(history, period);
  double good = 0;
  for (std::size_t i = 0; i < history.clock.size(); ++i) {
    const auto& point = history.clock[i];
    const double begin = std::max(point.time, period.begin);
    const double end = std::min(end_of(history, i, period), period.end);
    if (end < begin) continue;
    known += end - begin;
    if (!point.bound) {
      if (!line.points.empty()) line.points.push_back(gap());
      continue;
    }
    good += end - begin;
    const double at_end = *point.bound + point.growth * (end - point.time);
    line.points.push_back({begin, *point.bound + point.growth * (begin - point.time)});
    line.points.push_back({end, at_end});
    line.largest = std::max({line.largest, *point.bound, at_end});
    if (i + 1 < history.clock.size() && history.clock[i + 1].time > end) line.points.push_back(gap());
  }
  line.synchronised = known > 0 ? good / known : 0;
  return line;
}

std::vector<Panel> time_panels(const History& history, const Period& period) {
  const auto lines = marks(history, period);
  return {bound_panel(history, period, lines), offset_panel(history, period, lines),
          frequency_panel(history, period, lines), event_panel(history, period)};
}

}  // namespace gnomon::ctl
