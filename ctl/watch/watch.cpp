// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/watch/watch.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cmath>

#include "ctl/render/record.hpp"
#include "ctl/watch/frame.hpp"
#include "ctl/watch/screen.hpp"

namespace gnomon::ctl {

namespace {

constexpr double shortest_span = 60;
constexpr double longest_span = 86400;
constexpr double first_span = 1800;
constexpr std::chrono::milliseconds interval{1000};

// What the picture cannot do without; nullopt: the trouble is noted.
std::optional<boost::json::object> ask(WatchModel& model, const WatchContext& context, const char* method,
                                       const boost::json::object& parameters = {}) {
  auto reply = context.ask(method, parameters);
  if (reply) return std::move(*reply);
  model.trouble = reply.error().sentence;
  return std::nullopt;
}

void read_measurements(WatchModel& model, double since, const WatchContext& context) {
  while (model.keeps_measurements) {
    boost::json::object parameters{{"since", since}};
    if (model.history.last > 0) parameters["after"] = model.history.last;
    const auto reply = context.ask("Measurements", parameters);
    if (!reply) {
      model.keeps_measurements = !reply.error().refused;
      return;
    }
    // After a restart of the daemon its numbers may begin again.
    if (Record(*reply).integer("last") < model.history.last) model.history.last = 0;
    if (!add_measurements(*reply, model.history)) return;
  }
}

void read_events(WatchModel& model, const WatchContext& context) {
  constexpr int first_events = 20;
  auto& after = model.last_event;
  boost::json::object parameters;
  if (after > 0)
    parameters["after"] = after;
  else
    parameters["limit"] = first_events;
  if (const auto reply = context.ask("Events", parameters)) add_events(*reply, after, model.history);
}

std::string picture(const WatchModel& model, const FrameLook& look, const Canvas& canvas) {
  std::string text = "\033[H";
  const auto lines = frame(model, look, canvas);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += (i == 0 ? "" : "\r\n") + line_text(lines[i], canvas);
    // Behind a full line the cursor still stands on its last character.
    if (columns_of(lines[i]) < canvas.width) text += "\033[K";
  }
  return lines.size() < canvas.height ? text + "\r\n\033[J" : text;
}

}  // namespace

void refresh(WatchModel& model, double history, const WatchContext& context) {
  model.now = context.now();
  const auto tracking = ask(model, context, "Tracking");
  if (!tracking) return;
  const auto sources = ask(model, context, "Sources");
  const auto keys = ask(model, context, "AuthData");
  if (!sources || !keys) return;
  take_tracking(*tracking, model);
  take_sources(*sources, *keys, model);
  if (!model.clock.synchronised)
    if (const auto explained = ask(model, context, "Explain")) {
      model.clock.summary = Record(*explained).text("summary");
      if (const auto remedy = Record(*explained).optional_text("remedy"))
        model.clock.summary += " To do: " + *remedy;
    }
  read_measurements(model, model.now - history, context);
  read_events(model, context);
  forget_old(model, history);
  model.trouble.clear();
}

std::expected<std::string, std::string> watch_once(const WatchContext& context) {
  WatchModel model;
  refresh(model, longest_span, context);
  if (!model.trouble.empty()) return std::unexpected(model.trouble);
  const auto canvas = context.canvas();
  std::string text;
  for (const auto& line :
       frame(model, {.span = first_span, .has_keys = false, .host = context.host}, canvas)) {
    auto shown = line_text(line, canvas);
    shown.erase(shown.find_last_not_of(' ') + 1);
    text += shown + '\n';
  }
  return text;
}

void watch(const WatchContext& context) {
  Screen screen;
  WatchModel model;
  FrameLook look{.span = first_span, .has_keys = screen.has_keys(), .host = context.host};
  refresh(model, longest_span, context);
  auto asked = std::chrono::steady_clock::now();
  while (screen.show(picture(model, look, context.canvas()))) {
    const auto since =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - asked);
    switch (screen.wait(std::clamp(interval - since, std::chrono::milliseconds{1}, interval))) {
      case ScreenEvent::quit:
        return;
      case ScreenEvent::longer:
        look.span = std::min(look.span * 2, longest_span);
        break;
      case ScreenEvent::shorter:
        look.span = std::max(look.span / 2, shortest_span);
        break;
      case ScreenEvent::time:
        refresh(model, longest_span, context);
        asked = std::chrono::steady_clock::now();
        break;
      case ScreenEvent::resized:
      case ScreenEvent::other_key:
        break;
    }
  }
}

bool shows_unicode(const std::vector<std::string>& locales, const std::string& terminal) {
  if (terminal == "linux" || terminal.starts_with("vt")) return false;
  const auto chosen = std::ranges::find_if(locales, [](const std::string& each) { return !each.empty(); });
  if (chosen == locales.end()) return false;
  std::string letters;
  for (const char c : *chosen)
    if (c != '-') letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return letters.contains("utf8");
}

}  // namespace gnomon::ctl
