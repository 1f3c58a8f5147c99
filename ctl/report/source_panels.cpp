// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/report/source_panels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "ctl/report/markup.hpp"

namespace gnomon::ctl {

namespace {

std::vector<MeasuredPoint> points_of(const History& history, const Period& period, std::size_t source) {
  std::vector<MeasuredPoint> points;
  for (const auto& point : history.measured)
    if (point.source == source && period.has(point.time)) points.push_back(point);
  return points;
}

// The offset where least was lost on the way: of the tenth with the smallest delays.
double base_offset(const std::vector<MeasuredPoint>& points, double limit) {
  std::vector<double> offsets;
  for (const auto& point : points)
    if (point.delay <= limit) offsets.push_back(point.offset);
  return quantile(offsets, 0.5);
}

// Extra delay on the way there makes our clock look behind by half of it, on the way back ahead.
void count_late(const std::vector<MeasuredPoint>& points, SourceSummary& summary) {
  const double noise = std::max(2 * summary.jitter, 0.5 * (summary.median_delay - summary.least_delay));
  for (const auto& point : points) {
    const double extra = point.delay - summary.least_delay;
    if (extra < std::max(4 * noise, 1e-6)) continue;
    const double share = (point.offset - summary.base_offset) / (extra / 2);
    if (share < -0.5) ++summary.late_requests;
    if (share > 0.5) ++summary.late_responses;
  }
}

SourceSummary summary_of(const History& history, const Period& period, std::size_t source) {
  const auto points = points_of(history, period, source);
  SourceSummary summary{.source = source, .measured = points.size()};
  std::vector<double> delays;
  std::vector<double> offsets;
  for (const auto& point : points) {
    summary.used += point.used ? 1U : 0U;
    delays.push_back(point.delay);
    offsets.push_back(point.offset);
    summary.stratum = point.stratum;
  }
  summary.least_delay = quantile(delays, 0);
  summary.median_delay = quantile(delays, 0.5);
  summary.base_offset = base_offset(points, quantile(delays, 0.1));
  const double middle = quantile(offsets, 0.5);
  for (auto& offset : offsets) offset = std::fabs(offset - middle);
  summary.jitter = quantile(offsets, 0.5);
  count_late(points, summary);
  return summary;
}

// --- selection

struct Stretch {
  double begin;
  double end;
  SourceState state;
};

// From one sign of its state to the next; a start of the daemon ends it.
std::vector<Stretch> stretches(const History& history, const Period& period, std::size_t source) {
  struct Sign {
    double time;
    std::size_t order;  // of those at the same time
    std::optional<SourceState> state;
  };
  std::vector<Sign> signs;
  for (const auto& point : history.selections)
    if (point.source == source) signs.push_back({point.time, signs.size(), point.state});
  // Nothing may have changed for days.
  for (const auto& point : history.measured)
    if (point.source == source) signs.push_back({point.time, signs.size(), point.state});
  for (const double start : history.starts) signs.push_back({start, 0, std::nullopt});
  std::ranges::sort(signs, {}, [](const Sign& sign) { return std::pair{sign.time, sign.order}; });
  std::vector<Stretch> made;
  for (std::size_t i = 0; i < signs.size(); ++i) {
    const double begin = std::max(signs[i].time, period.begin);
    const double end = i + 1 < signs.size() ? std::min(signs[i + 1].time, period.end) : period.end;
    if (!signs[i].state || end <= begin) continue;
    if (!made.empty() && made.back().state == *signs[i].state && made.back().end == begin)
      made.back().end = end;
    else
      made.push_back({begin, end, *signs[i].state});
  }
  return made;
}

std::string bands_of(const std::vector<Stretch>& all, const Period& period) {
  std::string drawing;
  for (std::size_t state = 0; state < source_states; ++state) {
    std::string path;
    for (const auto& each : all) {
      if (static_cast<std::size_t>(each.state) != state) continue;
      // Short ones are seen as well.
      const double width = std::max(period.x(each.end) - period.x(each.begin), 1.0);
      path += fmt::format("M{} 10h{}", coordinate(period.x(each.begin)), coordinate(width));
    }
    if (!path.empty())
      drawing +=
          fmt::format("<path class=\"s {}\" d=\"{}\"/>", name_of(static_cast<SourceState>(state)), path);
  }
  return drawing;
}

double steering_share(const std::vector<Stretch>& all) {
  double known = 0;
  double steering = 0;
  for (const auto& each : all) {
    known += each.end - each.begin;
    if (each.state == SourceState::selected || each.state == SourceState::combined)
      steering += each.end - each.begin;
  }
  return known > 0 ? steering / known : 0;
}

// --- scatter

struct ScatterAxes {
  Axis delay;
  Axis offset;
};

ScatterAxes axes_of(const std::vector<MeasuredPoint>& points, const SourceSummary& summary) {
  std::vector<double> delays;
  std::vector<double> away;
  for (const auto& point : points) {
    delays.push_back(point.delay);
    away.push_back(std::fabs(point.offset - summary.base_offset));
  }
  const double longest = std::max(quantile(delays, 0.99), summary.least_delay * 1.05 + 1e-9);
  const double within_wedge = (longest - summary.least_delay) / 2 * 0.7;
  // Not those from when its clock was wrong.
  const double usual = std::min(quantile(away, 0.99), 12 * summary.jitter);
  const double furthest = std::max({usual, within_wedge, 1e-9});
  const double margin = (longest - summary.least_delay) * 0.06;
  return {.delay = {.low = std::max(summary.least_delay - margin, 0.0), .high = longest + margin},
          .offset = {.low = summary.base_offset - furthest * 1.15,
                     .high = summary.base_offset + furthest * 1.15}};
}

constexpr double scatter_height = 200;

Point place(const ScatterAxes& axes, double delay, double offset) {
  return {axes.delay.share(delay) * drawing_width, (1 - axes.offset.share(offset)) * scatter_height};
}

// From the point of the smallest delay: what was lost on one way alone lies on one of them.
std::string wedge(const ScatterAxes& axes, const SourceSummary& summary) {
  const double reach =
      std::min(axes.delay.high - summary.least_delay, 2 * (axes.offset.high - summary.base_offset));
  const auto tip = place(axes, summary.least_delay, summary.base_offset);
  std::string path;
  for (const double side : {0.5, -0.5}) {
    const auto end = place(axes, summary.least_delay + reach, summary.base_offset + side * reach);
    path += fmt::format("M{} {}L{} {}", coordinate(tip.x), coordinate(tip.y), coordinate(end.x),
                        coordinate(end.y));
  }
  return fmt::format("<path class=\"wedge\" d=\"{}\"/>", path);
}

std::vector<Tick> value_ticks(const Axis& axis, int about, bool is_signed) {
  std::vector<Tick> made;
  for (const double value : round_values(axis, about))
    made.push_back({axis.share(value), round_quantity(value, is_signed)});
  return made;
}

}  // namespace

std::vector<SourceSummary> summaries(const History& history, const Period& period) {
  std::vector<SourceSummary> all;
  all.reserve(history.sources.size());
  for (std::size_t source = 0; source < history.sources.size(); ++source)
    all.push_back(summary_of(history, period, source));
  std::ranges::sort(all, [](const SourceSummary& a, const SourceSummary& b) {
    return std::pair{b.measured, a.source} < std::pair{a.measured, b.source};
  });
  return all;
}

std::string asymmetry_text(const SourceSummary& summary) {
  const auto late = summary.late_requests + summary.late_responses;
  std::string text;
  constexpr std::size_t enough = 5;
  if (late < enough) {
    text = "Hardly any exchange took longer than usual.";
  } else {
    const double requests = static_cast<double>(summary.late_requests) / static_cast<double>(late);
    const auto* const where = requests > 0.75   ? "on the way there: requests wait"
                              : requests < 0.25 ? "on the way back: responses wait"
                                                : "on both ways alike";
    text = fmt::format("Of the {} exchanges that took longer, most lost the time {}.", late, where);
  }
  return text + fmt::format(
                    " At its fastest it is {} from our clock; a route that is longer one way could "
                    "explain up to \u00b1{}.",
                    quantity(summary.base_offset, true), quantity(summary.least_delay / 2));
}

std::string selection_bands(const History& history, const Period& period,
                            const std::vector<SourceSummary>& sources) {
  std::string rows;
  for (const auto& summary : sources) {
    const auto all = stretches(history, period, summary.source);
    const auto name = escaped(text_of(history.sources[summary.source]));
    const auto followed = fmt::format("followed {:.0f}\u00a0%", 100 * steering_share(all));
    rows += fmt::format(
        "<div class=\"band\"><p><bdi>{}</bdi> <span>{}</span></p>"
        "<svg viewBox=\"0 0 {:.0f} 20\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}: {}\">"
        "<path class=\"track\" d=\"M0 10h{:.0f}\"/>{}</svg></div>\n",
        name, followed, drawing_width, name, followed, drawing_width, bands_of(all, period));
  }
  return rows;
}

std::string delay_scatter(const History& history, const Period& period, const SourceSummary& summary,
                          std::size_t most_dots) {
  const auto points = points_of(history, period, summary.source);
  const auto axes = axes_of(points, summary);
  std::vector<Point> used;
  std::vector<Point> refused;
  for (const auto& point : points)
    (point.used ? used : refused).push_back(place(axes, point.delay, point.offset));
  const auto name = escaped(text_of(history.sources[summary.source]));
  Panel panel{.id = fmt::format("source-{}", summary.source),
              .heading = name,
              .sentence = asymmetry_text(summary),
              .description = fmt::format("{} measurements, {} used; smallest round trip {}.",
                                         summary.measured, summary.used, quantity(summary.least_delay)),
              .values = value_ticks(axes.offset, 5, true),
              .drawing = {},
              .height = scatter_height,
              .kind = "scatter"};
  panel.drawing =
      fmt::format("{}\n<path class=\"dots refused\" d=\"{}\"/>\n<path class=\"dots used\" d=\"{}\"/>\n",
                  wedge(axes, summary), dots_path(refused, most_dots / 4 + 1), dots_path(used, most_dots));
  return panel_text(panel, value_ticks(axes.delay, 4, false));
}

}  // namespace gnomon::ctl
