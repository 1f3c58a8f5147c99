// SPDX-License-Identifier: GPL-2.0-or-later
// The command events, with a daemon that is played.
#include "ctl/events.hpp"

#include <cstdlib>
#include <vector>

#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;
namespace json = boost::json;

namespace {

Reply reply_of(std::int64_t first, std::int64_t last, std::int64_t lost = 0) {
  json::array events;
  for (auto each = first; each <= last; ++each)
    events.push_back({{"sequence", each},
                      {"time", 1790000000.25},
                      {"fields", {{"MESSAGE", "text " + std::to_string(each)}, {"PRIORITY", "4"}}}});
  return {{"lost", lost}, {"last", last}, {"events", std::move(events)}};
}

const std::unexpected<CallError> closed{
    CallError{.fault = CallFault::closed, .detail = "", .parameters = {}}};
const View utc{.utc = true};

}  // namespace

TEST_CASE("all that is kept is read, one reply after the other") {
  std::vector<Reply> asked;
  const EventsContext context{.call = [&](const Reply& parameters) -> CallResult {
    asked.push_back(parameters);
    return asked.size() == 1 ? reply_of(1, 2) : asked.size() == 2 ? reply_of(3, 3) : reply_of(4, 3);
  }};
  const auto text = list_events({.since = 5.0, .lines = 100}, false, utc, context);
  CHECK(text ==
        "2026-09-21 14:13:20 UTC warning  text 1\n"
        "2026-09-21 14:13:20 UTC warning  text 2\n"
        "2026-09-21 14:13:20 UTC warning  text 3\n");
  REQUIRE(asked.size() == 3);
  CHECK(asked[0] == Reply{{"since", 5.0}, {"limit", 100}});
  CHECK(asked[2] == Reply{{"since", 5.0}, {"after", 3}});
}

TEST_CASE("following goes on behind the last event when the daemon is back, and ends when nobody reads") {
  std::vector<Reply> asked;
  std::string printed;
  std::vector<std::string> remarks;
  int pauses = 0;
  const EventsContext context{
      .call = {},
      .call_more = [&](const Reply& parameters, const TakeReply& take) -> std::expected<void, CallError> {
        asked.push_back(parameters);
        take(asked.size() == 1 ? reply_of(1, 2) : reply_of(6, 7, 3));
        return closed;
      },
      .pause = [&] { return ++pauses < 10; },
      .print =
          [&](const std::string& text) {
            printed += text;
            return asked.size() < 2;
          },
      .remark = [&](const std::string& text) { remarks.push_back(text); }};
  CHECK(follow_events({.follow = true}, true, utc, context));
  REQUIRE(asked.size() == 2);
  CHECK(asked[1] == Reply{{"after", 2}});
  CHECK(pauses == 1);
  CHECK(remarks.size() == 1);
  CHECK(
      printed.find(
          R"({"__SEQNUM":"7","__REALTIME_TIMESTAMP":"1790000000250000","MESSAGE":"text 7","PRIORITY":"4"})") !=
      std::string::npos);
}

TEST_CASE("a daemon that was never there is not waited for, nor one that refuses") {
  const auto attempt = [](CallFault fault) {
    const EventsContext context{
        .call_more = [fault](const auto&, const auto&) -> std::expected<void, CallError> {
          return std::unexpected(CallError{.fault = fault, .detail = "", .parameters = {}});
        },
        .pause = [] { return true; },
        .print = [](const auto&) { return true; },
        .remark = [](const auto&) {}};
    return follow_events({.follow = true}, false, utc, context);
  };
  CHECK_FALSE(attempt(CallFault::no_socket));
  CHECK_FALSE(attempt(CallFault::replied));
}

TEST_CASE("events that are no longer kept are said to be missing") {
  const EventsContext context{.call = [first = true](const Reply&) mutable -> CallResult {
    return std::exchange(first, false) ? reply_of(9, 9, 3) : reply_of(10, 9);
  }};
  CHECK(list_events({}, false, utc, context)
            ->starts_with("-- 3 events came in between that are no longer kept --\n"));
}

TEST_CASE("times are given as people do") {
  setenv("TZ", "UTC", 1);
  constexpr std::time_t now = 1790000000;  // 2026-09-21 14:13:20
  CHECK(parse_since("now", now) == 1790000000.0);
  CHECK(parse_since("2h", now) == 1790000000.0 - 7200);
  CHECK(parse_since("-30min", now) == 1790000000.0 - 1800);
  CHECK(parse_since("today", now) == 1789948800.0);
  CHECK(parse_since("yesterday", now) == 1789948800.0 - 86400);
  CHECK(parse_since("2026-09-21 14:00", now) == 1789999200.0);
  CHECK_FALSE(parse_since("soon", now));
}
