// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/report/page.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "ctl/render/record.hpp"
#include "ctl/render/render.hpp"
#include "ctl/report/markup.hpp"
#include "ctl/report/panel.hpp"
#include "ctl/report/source_panels.hpp"
#include "ctl/report/style.hpp"

namespace gnomon::ctl {

namespace {

// So that a page of a day stays below half a megabyte, whatever happened.
constexpr std::size_t most_listed = 250;  // events
constexpr std::size_t most_bands = 32;    // sources
constexpr std::size_t most_scatters = 12;
constexpr std::size_t most_dots = 9000;  // in all scatters

std::string head(const ReportTitle& title) {
  return fmt::format(
      "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta "
      "charset=\"utf-8\"/>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta name=\"generator\" content=\"gnomonctl {}\"/>\n<title>Clock of "
      "{}</title>\n<style>{}</style>\n</head>\n",
      escaped(title.version), escaped(title.host), report_style());
}

std::string verdict(const Record& explained) {
  const bool good = explained.truth("synchronised");
  return fmt::format("<div class=\"verdict{}\"><div><b>{}</b><p><bdi>{}</bdi></p>{}</div></div>\n",
                     good ? " good" : "", good ? "\u2713 Synchronised" : "\u2717 Not synchronised",
                     escaped(explained.text("summary"), 2000), [&] {
                       const auto remedy = explained.optional_text("remedy");
                       return remedy ? fmt::format("<p>To do: <bdi>{}</bdi></p>", escaped(*remedy, 1000))
                                     : "";
                     }());
}

std::string fact(const std::string& name, const std::string& value) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, value);
}

std::string facts(const History& history, const Period& period, const Record& explained) {
  const auto bound = bound_line(history, period);
  std::vector<double> sizes;
  std::size_t steps = 0;
  std::string frequency = "\u2013";
  for (const auto& point : history.clock) {
    if (point.offset) sizes.push_back(std::fabs(*point.offset));
    steps += point.step ? 1U : 0U;
    frequency = frequency_text(point.frequency, 3) + "\u00a0ppm";
  }
  const auto now = explained.optional_number("error_bound");
  return "<dl class=\"facts\">\n" + fact("Error bound now", now ? quantity(*now) : "\u2013") +
         fact("Largest in this time", bound.points.empty() ? "\u2013" : quantity(bound.largest)) +
         fact("Synchronised",
              bound.points.empty() ? "\u2013" : fmt::format("{:.1f}\u00a0%", 100 * bound.synchronised)) +
         fact("Usual offset", sizes.empty() ? "\u2013" : quantity(quantile(sizes, 0.95))) +
         fact("Frequency", frequency) + fact("Steps of the clock", fmt::format("{}", steps)) + "</dl>\n";
}

std::string state_key() {
  std::string items;
  for (std::size_t i = 0; i < source_states; ++i) {
    const auto* const name = name_of(static_cast<SourceState>(i));
    items += fmt::format(
        "<li><svg viewBox=\"0 0 36 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><path class=\"s "
        "{}\" "
        "d=\"M0 10h36\"/></svg>{}</li>",
        name, name);
  }
  return "<ul class=\"key\">" + items + "</ul>\n";
}

std::string more_than_shown(std::size_t all, std::size_t shown) {
  return all > shown ? fmt::format("<p>{} more sources are not drawn.</p>\n", all - shown) : "";
}

std::string selection(const History& history, const Period& period, std::vector<SourceSummary> sources) {
  const auto all = sources.size();
  sources.resize(std::min(all, most_bands));
  std::string across;
  for (const auto& tick : time_ticks(period.begin, period.end, period.utc))
    across += fmt::format("<span style=\"left:{:.2f}%\">{}</span>", 100 * tick.share, tick.label);
  return fmt::format(
      "<section id=\"selection\"><h2>Selection</h2><p>Which sources the clock followed: the higher a band, "
      "the more "
      "it counted.</p>\n{}{}<div class=\"band\"><div class=\"x\" "
      "aria-hidden=\"true\">{}</div></div>\n{}</section>\n",
      state_key(), selection_bands(history, period, sources), across, more_than_shown(all, sources.size()));
}

std::string source_row(const History& history, const SourceSummary& summary) {
  return fmt::format(
      "<tr><td><bdi>{}</bdi></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</"
      "td></tr>\n",
      escaped(text_of(history.sources[summary.source])), summary.stratum, summary.measured,
      summary.measured - summary.used, quantity(summary.least_delay), quantity(summary.median_delay),
      quantity(summary.base_offset, true), quantity(summary.jitter));
}

std::string source_table(const History& history, std::vector<SourceSummary> sources) {
  sources.resize(std::min(sources.size(), most_bands));
  std::string rows;
  for (const auto& summary : sources) rows += source_row(history, summary);
  return "<section id=\"sources\"><h2>Sources</h2><div class=\"wide\" tabindex=\"0\"><table><thead><tr><th "
         "scope=\"col\">Source</th><th scope=\"col\">Stratum</th><th scope=\"col\">Measured</th><th "
         "scope=\"col\">Refused</th><th scope=\"col\">Least delay</th><th scope=\"col\">Usual delay</th><th "
         "scope=\"col\">Offset</th><th scope=\"col\">Jitter</th></tr></thead>\n<tbody>\n" +
         rows + "</tbody></table></div></section>\n";
}

std::string scatters(const History& history, const Period& period, const std::vector<SourceSummary>& all) {
  std::vector<SourceSummary> sources;
  for (const auto& summary : all)
    if (summary.measured > 1 && sources.size() < most_scatters) sources.push_back(summary);
  if (sources.empty()) return "";
  std::string figures;
  for (const auto& summary : sources)
    figures += delay_scatter(history, period, summary, most_dots / sources.size());
  return "<section id=\"delays\"><h2>Offset and delay</h2><p>Each dot is a measurement: to the right its "
         "round trip, "
         "upwards how far our clock seemed ahead; squares were refused. Along the upper dashed line the "
         "response lost "
         "time, along the lower one the request: dots on one side only mean a route that is slower that "
         "way.</p>\n"
         "<div class=\"many\">\n" +
         figures + "</div></section>\n";
}

const char* level_name(int level) {
  return level <= 3 ? "error" : level == 4 ? "warning" : "info";
}

std::string event_list(const History& history, const Period& period) {
  const auto& events = history.events;
  const auto shown = std::min(events.size(), most_listed);
  std::string items;
  for (auto event = events.rbegin(); event != events.rbegin() + static_cast<std::ptrdiff_t>(shown); ++event)
    items += fmt::format("<li><time>{0}</time><span class=\"{1}\">{1}</span><bdi>{2}</bdi></li>\n",
                         wall_text(event->time, period.utc), level_name(event->level), escaped(event->text));
  const auto lead = events.empty() ? std::string{"None is kept of this time."}
                    : events.size() > shown
                        ? fmt::format("The last {} of {}; all: gnomonctl events.", shown, events.size())
                        : std::string{"The last one first."};
  return fmt::format(
      "<section id=\"list\"><h2>What happened</h2><p>{}</p><ul class=\"log\">\n{}</ul></section>\n", lead,
      items);
}

}  // namespace

std::string report_page(const History& history, const boost::json::object& explained, const Period& period,
                        const ReportTitle& title) {
  const Record now(explained);
  const auto across = time_ticks(period.begin, period.end, period.utc);
  const auto sources = summaries(history, period);
  std::string page = head(title);
  page += fmt::format(
      "<body>\n<header><h1>Clock of <bdi>{}</bdi></h1>\n<p class=\"when\">{} to "
      "{}</p>\n{}{}</header>\n<main>\n",
      escaped(title.host), wall_text(period.begin, period.utc), wall_text(period.end, period.utc),
      verdict(now), facts(history, period, now));
  for (const auto& panel : time_panels(history, period)) page += panel_text(panel, across);
  page += selection(history, period, sources) + source_table(history, sources) +
          scatters(history, period, sources) + event_list(history, period);
  page += fmt::format(
      "</main>\n<footer>Drawn by gnomonctl {} from what the daemon keeps.</footer>\n</body>\n</html>\n",
      escaped(title.version));
  return page;
}

}  // namespace gnomon::ctl
