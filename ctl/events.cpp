// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/events.hpp"

#include <fmt/format.h>

#include "ctl/render/record.hpp"
#include "ctl/render/wall_time.hpp"
#include "ctl/time_span.hpp"

namespace gnomon::ctl {

namespace {

double day_before(std::time_t now, int days) {
  std::tm date{};
  localtime_r(&now, &date);
  date.tm_mday -= days;
  date.tm_hour = date.tm_min = date.tm_sec = 0;
  date.tm_isdst = -1;
  return static_cast<double>(std::mktime(&date));
}

std::string text_of(const Reply& reply, bool as_json, const View& view) {
  const Record record(reply);
  std::string text;
  if (const auto lost = record.integer("lost"); lost > 0 && !as_json)
    text += fmt::format("-- {} events came in between that are no longer kept --\n", lost);
  for (const auto& event : record.records("events"))
    text += as_json ? render_event_json(event) : render_event(event, view);
  return text;
}

}  // namespace

std::optional<double> parse_since(const std::string& text, std::time_t now) {
  if (text == "now") return static_cast<double>(now);
  if (text == "today") return day_before(now, 0);
  if (text == "yesterday") return day_before(now, 1);
  const auto ago = parse_time_span(text.starts_with('-') ? text.substr(1) : text);
  if (ago) return static_cast<double>(now) - *ago;
  return parse_wall_time(text, now);
}

boost::json::object events_parameters(const EventsWish& wish, std::optional<std::int64_t> after) {
  boost::json::object parameters;
  if (wish.since) parameters["since"] = *wish.since;
  if (after) parameters["after"] = *after;
  if (wish.lines && !after) parameters["limit"] = *wish.lines;
  return parameters;
}

std::expected<std::string, CallError> list_events(const EventsWish& wish, bool as_json, const View& view,
                                                  const EventsContext& context) {
  std::string text;
  std::optional<std::int64_t> after;
  while (true) {
    const auto reply = context.call(events_parameters(wish, after));
    if (!reply) return std::unexpected(reply.error());
    text += text_of(*reply, as_json, view);
    const auto last = Record(*reply).integer("last");
    if (last <= after.value_or(0)) return text;
    after = last;
  }
}

std::expected<void, CallError> follow_events(const EventsWish& wish, bool as_json, const View& view,
                                             const EventsContext& context) {
  std::optional<std::int64_t> after;
  bool is_read = true;
  const auto take = [&](const Reply& reply) {
    after = Record(reply).integer("last");
    const auto text = text_of(reply, as_json, view);
    is_read = text.empty() || context.print(text);
    return is_read;
  };
  bool was_there = false;
  while (true) {
    const auto ended = context.call_more(events_parameters(wish, after), take);
    if (!is_read || ended) return {};
    const bool may_return =
        ended.error().fault == CallFault::closed || ended.error().fault == CallFault::no_socket;
    was_there = was_there || after.has_value();
    if (!may_return || !was_there) return ended;
    if (ended.error().fault == CallFault::closed)
      context.remark("gnomond closed the connection; waiting until it is back");
    if (!context.pause()) return ended;
  }
}

}  // namespace gnomon::ctl
