// SPDX-License-Identifier: GPL-2.0-or-later
// The command events: what the daemon keeps of its messages, and those to come.
#pragma once

#include <cstdint>
#include <ctime>
#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "ctl/render/render.hpp"
#include "ctl/varlink/varlink_client.hpp"

namespace gnomon::ctl {

struct EventsWish {
  bool follow = false;
  std::optional<double> since{};         // seconds since 1970
  std::optional<std::uint32_t> lines{};  // at most so many of those that are there
};

// "2h" (ago), "yesterday", "today", "now", or what parse_wall_time() reads. nullopt: none of these.
[[nodiscard]] std::optional<double> parse_since(const std::string& text, std::time_t now);

// The parameters of the call; `after`: the number of the last one that is known.
[[nodiscard]] boost::json::object events_parameters(const EventsWish& wish,
                                                    std::optional<std::int64_t> after);

// Where events are asked for and shown; in tests played.
struct EventsContext {
  std::function<CallResult(const boost::json::object& parameters)> call;
  // Until the connection ends.
  std::function<std::expected<void, CallError>(const boost::json::object& parameters, const TakeReply& take)>
      call_more;
  std::function<bool()> pause;                              // before the next attempt; false: enough of them
  std::function<bool(const std::string& text)> print;       // false: nobody reads it any more
  std::function<void(const std::string& sentence)> remark;  // for standard error
};

// What is kept, to be printed at once. Throws ReplyFault.
[[nodiscard]] std::expected<std::string, CallError> list_events(const EventsWish& wish, bool as_json,
                                                                const View& view,
                                                                const EventsContext& context);
// As they come, over restarts of the daemon, until nobody reads them. Throws ReplyFault.
[[nodiscard]] std::expected<void, CallError> follow_events(const EventsWish& wish, bool as_json,
                                                           const View& view, const EventsContext& context);

}  // namespace gnomon::ctl
