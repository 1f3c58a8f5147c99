// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/event_methods.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "daemon/core/control/message.hpp"
#include "daemon/core/events/event_fields.hpp"

namespace gnomon::core::control {

namespace json = boost::json;

namespace {

constexpr double largest_number = 9007199254740992;  // 2^53: exact in JSON

double seconds_of(base::RealTime time) {
  return base::to_seconds(time.time_since_epoch()).count();
}

json::object render(const StoredEvent& event) {
  json::object fields;
  for (auto& [name, value] : event_fields(event.fields)) fields[name] = std::move(value);
  return {{"sequence", event.sequence}, {"time", seconds_of(event.at.real)}, {"fields", std::move(fields)}};
}

// By the clock as it is now: the event's own time may be from before it was set.
bool is_since(const StoredEvent& event, const std::optional<base::RealTime>& since, const base::Now& now) {
  return !since || now.real - (now.mono - event.at.mono) >= *since;
}

std::optional<EventQuery> query_of(Parameters& parameters, const EventLog& log) {
  const auto next = log.ring().next();
  EventQuery query;
  query.after = static_cast<std::uint64_t>(parameters.number_or("after", 0, 0, largest_number));
  if (query.after >= next) query.after = 0;  // numbers of a memory that is gone
  if (parameters.has("since")) {
    constexpr double furthest = 9e9;  // seconds, within what a time can hold
    const base::Seconds since{parameters.number("since", -furthest, furthest)};
    query.since = base::RealTime{base::to_duration(since)};
  }
  if (parameters.has("limit")) {
    const auto limit = static_cast<std::uint64_t>(parameters.integer("limit", 0, 1 << 30));
    query.after = std::max(query.after, next - 1 - std::min(limit, next - 1));
  }
  if (parameters.wrong()) return std::nullopt;
  return query;
}

Answer nothing_kept() {
  return refusal("io.gnomon.Control.Failed",
                 {{"explanation", "No events are kept here: eventmemory is 0 in the configuration."}});
}

}  // namespace

std::string events_reply(EventQuery& query, const EventLog& log, bool continues) {
  const auto& ring = log.ring();
  json::object parameters;
  // Only who has seen some can have lost others.
  const bool lost = query.after > 0 && query.after + 1 < ring.oldest();
  parameters["lost"] = lost && query.any ? ring.oldest() - query.after - 1 : 0;
  query.any = true;
  auto next = std::max(query.after + 1, ring.oldest());
  json::array events;
  std::size_t size = 0;
  for (; next < ring.next() && size < events_reply_size; ++next) {
    const auto event = ring.find(next);
    if (!event || !is_since(*event, query.since, log.now())) continue;
    size += event->fields.size();
    events.push_back(render(*event));
  }
  query.after = next - 1;
  parameters["last"] = query.after;
  parameters["events"] = std::move(events);
  json::object reply{{"parameters", std::move(parameters)}};
  if (continues) reply["continues"] = true;
  return json::serialize(reply) + '\0';
}

Answer list_events(Parameters& parameters, Reporter& from) {
  const auto* const log = from.events();
  if (log == nullptr) return nothing_kept();
  auto query = query_of(parameters, *log);
  if (!query) return invalid_parameter(*parameters.wrong());
  query->any = parameters.has("after");
  return {.text = events_reply(*query, *log, false)};
}

Answer follow_events(Parameters& parameters, Reporter& from) {
  const auto* const log = from.events();
  if (log == nullptr) return nothing_kept();
  if (log->followers() >= most_followers)
    return refusal("io.gnomon.Control.Failed",
                   {{"explanation", "As many programs follow the events as may. End one of them."}});
  auto query = query_of(parameters, *log);
  if (!query) return invalid_parameter(*parameters.wrong());
  query->any = parameters.has("after");
  Answer answer{.text = events_reply(*query, *log, true)};
  answer.then = AfterReply::follow;
  answer.query = *query;
  return answer;
}

}  // namespace gnomon::core::control
