// SPDX-License-Identifier: GPL-2.0-or-later
// The method Events: the messages that are kept, and those that come. Used by the method table and by the
// connections that follow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "daemon/core/control/method.hpp"
#include "daemon/core/events/event_log.hpp"

namespace gnomon::core::control {

// How many may follow at once; each of them keeps a connection.
inline constexpr std::size_t most_followers = 32;
// Of one reply, about.
inline constexpr std::size_t events_reply_size = 128UL * 1024UL;

// One reply with the events behind query.after, as many as fit; the query moves on to the last one.
// continues: more replies follow.
[[nodiscard]] std::string events_reply(EventQuery& query, const EventLog& log, bool continues);
[[nodiscard]] inline bool has_news(const EventQuery& query, const EventLog& log) {
  return query.after + 1 < log.ring().next();
}

[[nodiscard]] Answer list_events(Parameters& parameters, Reporter& from);
[[nodiscard]] Answer follow_events(Parameters& parameters, Reporter& from);

}  // namespace gnomon::core::control
