// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/event_methods.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "daemon/core/control/kept_methods.hpp"
#include "daemon/core/events/event_fields.hpp"

namespace gnomon::core::control {

namespace json = boost::json;

namespace {

constexpr const char* list_name = "events";

std::size_t add_event(const StoredEvent& event, const base::Now& /*now*/, json::object& lists) {
  json::object fields;
  for (auto& [name, value] : event_fields(event.fields)) fields[name] = std::move(value);
  const auto time = base::to_seconds(event.at.real.time_since_epoch()).count();
  lists.at(list_name).as_array().push_back(
      json::object{{"sequence", event.sequence}, {"time", time}, {"fields", std::move(fields)}});
  return event.fields.size();
}

constexpr KeptKind events{.none_kept = "No events are kept here: eventmemory is 0 in the configuration.",
                          .begin = [](json::object& lists) { lists[list_name] = json::array{}; },
                          .add = add_event};

}  // namespace

Answer list_events(Parameters& parameters, Reporter& from) {
  return list_kept(events, parameters, from.events());
}

Answer follow_events(Parameters& parameters, Reporter& from) {
  return follow_kept(events, parameters, from.events());
}

}  // namespace gnomon::core::control
