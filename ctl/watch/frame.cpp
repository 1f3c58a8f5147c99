// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/watch/frame.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ctl/render/prose.hpp"
#include "ctl/render/render.hpp"
#include "ctl/watch/curve.hpp"

namespace gnomon::ctl {

namespace {

using Lines = std::vector<Line>;

constexpr double shown_change = 30;  // seconds for which a source's new state is marked
constexpr std::size_t least_curve = 3;
constexpr std::size_t most_curve = 10;
constexpr std::size_t side_by_side = 64;  // columns from which there is room for both curves
// Of a source's line without its name and its keys, and where there is no room for all of it.
constexpr std::size_t fixed_columns = 48;
constexpr std::size_t narrow_columns = 23;
constexpr std::size_t narrow = 62;

Line between(const Span& left, const Span& right, std::size_t width) {
  const auto used = columns_of(left.text) + columns_of(right.text);
  if (used + 1 > width) return {left};
  return {left, {std::string(width - used, ' ')}, right};
}

Line title(const WatchModel& model, const FrameLook& look, const Canvas& canvas) {
  return between({"gnomon on " + foreign(look.host, canvas), Tone::strong},
                 {wall_text(model.now, canvas.utc)}, canvas.width);
}

// Why not, in so many lines at most.
Lines not_synchronised(const WatchModel& model, const Canvas& canvas) {
  constexpr std::size_t tall = 24;
  const std::size_t most_lines = canvas.height >= tall ? 5 : 3;
  constexpr std::string_view mark = "! Not synchronised ";
  constexpr std::string_view known = "The clock is not synchronised. ";
  std::string_view why = model.clock.summary;
  if (why.starts_with(known)) why.remove_prefix(known.size());
  if (canvas.width <= 2 * mark.size())
    return {{{std::string{mark}, Tone::bad}, {foreign(std::string{why}, canvas)}}};
  Lines lines;
  std::string text =
      paragraph(foreign(std::string{why}, canvas), canvas.width, mark, "  ").substr(mark.size());
  while (!text.empty() && lines.size() < most_lines) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back({{text.substr(0, end)}});
    text.erase(0, end + 1);
  }
  if (lines.empty()) lines.emplace_back();
  lines.front().insert(lines.front().begin(), {std::string{mark}, Tone::bad});
  return lines;
}

Lines state(const WatchModel& model, const Canvas& canvas) {
  const auto& clock = model.clock;
  if (!clock.synchronised) return not_synchronised(model, canvas);
  const auto bound = clock.bound ? "within " + unsigned_text(*clock.bound) + " of true time" : std::string{};
  return {{{"* Synchronised ", Tone::good},
           {bound, Tone::strong},
           {fmt::format(" to {}, stratum {}", foreign(clock.name, canvas), clock.stratum)}}};
}

Line numbers(const WatchModel& model) {
  const auto& clock = model.clock;
  const auto leap = clock.leap == "not_synchronised" ? "" : "  leap " + clock.leap;
  return {{fmt::format("offset {}  to correct {}  frequency {:+.3f} ppm +-{:.3f}{}",
                       signed_text(clock.last_offset), signed_text(clock.remaining), clock.frequency,
                       std::min(clock.skew, 9999.0), leap)}};
}

Line command(const WatchModel& model) {
  const auto& points = model.history.clock;
  const auto last = std::find_if(points.rbegin(), points.rend(), [](const ClockPoint& point) {
    return point.step || point.slew_duration > 0;
  });
  if (last == points.rend()) return {{"command: none yet"}};
  const auto age = age_text(model.now - last->time);
  if (last->step)
    return {{fmt::format("command: step by {}, {} ago", signed_text(*last->step), age), Tone::warning}};
  return {{fmt::format("command: slew by {} ({:+.1f} ppm for {}), {} ago",
                       signed_text(last->slew * 1e-6 * last->slew_duration), last->slew,
                       age_text(last->slew_duration), age)}};
}

std::string reach_cells(std::uint8_t reach, const Canvas& canvas) {
  std::string cells;
  for (int bit = 7; bit >= 0; --bit) {
    const bool answered = (static_cast<unsigned>(reach) >> static_cast<unsigned>(bit) & 1U) != 0;
    cells += canvas.unicode ? (answered ? "\u2588" : "\u2591") : (answered ? "#" : ".");
  }
  return cells;
}

Tone tone_of(char letter) {
  if (letter == '*' || letter == '+') return Tone::good;
  if (letter == 'x') return Tone::bad;
  return letter == '~' || letter == '?' ? Tone::warning : Tone::plain;
}

std::size_t name_columns(const Canvas& canvas) {
  constexpr std::size_t keys_columns = 13;
  const std::size_t rest = canvas.width < narrow ? narrow_columns
                           : canvas.width < 76   ? fixed_columns
                                                 : fixed_columns + keys_columns;
  return canvas.width > rest + 6 ? std::min<std::size_t>(canvas.width - rest, 40) : 6;
}

// With the address where both fit.
std::string name_of(const WatchedSource& source, const Canvas& canvas) {
  const auto name = foreign(source.name, canvas);
  const auto both = name + " " + foreign(source.address, canvas);
  return fitted(columns_of(both) <= name_columns(canvas) ? both : name, name_columns(canvas));
}

Line source_line(const WatchedSource& source, const WatchModel& model, const Canvas& canvas) {
  const bool is_new = source.changed_at >= 0 && model.now - source.changed_at < shown_change;
  const auto tone = is_new ? Tone::strong : Tone::plain;
  const auto mark =
      is_new ? fmt::format("{}>{}", source.before, source.letter) : fmt::format("  {}", source.letter);
  const auto offset = source.last_rx ? signed_text(source.offset) : "-";
  const auto polled = canvas.width < narrow
                          ? std::string{}
                          : fmt::format(" {:>2} {:>3}", std::clamp<std::int64_t>(source.stratum, 0, 99),
                                        std::clamp<std::int64_t>(source.poll, -9, 99));
  Line line{{mark, tone_of(source.letter)},
            {" " + name_of(source, canvas) + polled + " ", tone},
            {reach_cells(source.reach, canvas), source.reach == 0 ? Tone::bad : Tone::plain}};
  if (canvas.width < narrow) {
    line.push_back({fmt::format(" {:>9}", offset), tone});
    return line;
  }
  line.push_back({fmt::format(" {:>4} {:>9} {:>8} ", source.last_rx ? age_text(*source.last_rx) : "-", offset,
                              source.last_rx ? unsigned_text(source.error) : "-"),
                  tone});
  line.push_back({foreign(source.keys, canvas), source.keys_fail ? Tone::bad : Tone::plain});
  return line;
}

std::string heading(const Canvas& canvas) {
  const auto source = "    " + fitted("source", name_columns(canvas));
  return source +
         (canvas.width < narrow ? " reach       offset" : " st pol reach    last    offset    error keys");
}

Lines source_lines(const WatchModel& model, const Canvas& canvas, std::size_t most) {
  Lines lines{{{heading(canvas), Tone::strong}}};
  if (model.sources.empty()) lines.push_back({{"    none"}});
  const bool all_fit = model.sources.size() < most;
  const auto shown = all_fit ? model.sources.size() : most > 2 ? most - 2 : 0;
  for (std::size_t i = 0; i < shown; ++i) lines.push_back(source_line(model.sources[i], model, canvas));
  if (!all_fit) lines.push_back({{fmt::format("    {} more", model.sources.size() - shown)}});
  return lines;
}

Lines event_lines(const WatchModel& model, const Canvas& canvas, std::size_t most) {
  Lines lines;
  const auto& events = model.history.events;
  const auto shown = std::min(events.size(), most);
  for (auto event = events.end() - static_cast<std::ptrdiff_t>(shown); event != events.end(); ++event) {
    const auto* const word = event->level <= 3 ? "error: " : event->level == 4 ? "warning: " : "";
    const auto time = wall_text(event->time, canvas.utc);
    lines.push_back({{time.substr(std::min<std::size_t>(11, time.size()), 8) + " "},
                     {word, event->level <= 3 ? Tone::bad : Tone::warning},
                     {foreign(event->text, canvas)}});
  }
  return lines;
}

Lines curves(const WatchModel& model, const FrameLook& look, const Canvas& canvas, std::size_t height) {
  const bool both = canvas.width >= side_by_side;
  const CurveSize size{
      .width = both ? (canvas.width - 2) / 2 : canvas.width, .height = height, .span = look.span};
  auto lines = bound_curve(model, size, canvas);
  if (!both) return lines;
  const auto right = offset_curve(model, size, canvas);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    lines[i].push_back({"  "});
    lines[i].insert(lines[i].end(), right[i].begin(), right[i].end());
  }
  return lines;
}

Line footer(const WatchModel& model, const FrameLook& look, const Canvas& canvas) {
  if (!model.trouble.empty()) return {{"! " + foreign(model.trouble, canvas), Tone::bad}};
  return {{look.has_keys ? "q quit   + - longer or shorter curves" : ""}};
}

void append(Lines& lines, Lines more) {
  lines.insert(lines.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

std::vector<Line> frame(const WatchModel& model, const FrameLook& look, const Canvas& canvas) {
  Lines lines{title(model, look, canvas)};
  append(lines, state(model, canvas));
  append(lines, {numbers(model), command(model)});
  const auto fixed = lines.size() + 1;  // with the footer
  const auto room = canvas.height > fixed ? canvas.height - fixed : 0;
  // Sources first, but where there is room for curves and events not all of it.
  const auto wanted = std::max<std::size_t>(model.sources.size(), 1) + 1;
  const auto for_sources = std::min(wanted, room > 12 ? room - 8 : room);
  auto rest = room - for_sources;
  const auto for_curve =
      rest > least_curve ? std::min(std::max(rest * 2 / 3, least_curve + 1), most_curve + 1) : 0;
  if (for_curve > 0) append(lines, curves(model, look, canvas, for_curve - 1));
  rest -= for_curve;
  if (for_sources > 0) append(lines, source_lines(model, canvas, for_sources));
  append(lines, event_lines(model, canvas, rest));
  const bool has_footer = (look.has_keys && canvas.height > 2) || !model.trouble.empty();
  const auto for_all = canvas.height - (has_footer ? 1 : 0);
  if (lines.size() > for_all || (has_footer && look.has_keys)) lines.resize(for_all);
  if (has_footer) lines.push_back(footer(model, look, canvas));
  return lines;
}

}  // namespace gnomon::ctl
