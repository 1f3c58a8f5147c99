// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/kept_methods.hpp"

#include <algorithm>

#include <boost/json/serialize.hpp>

#include "daemon/core/control/message.hpp"

namespace gnomon::core::control {

namespace json = boost::json;

namespace {

constexpr double largest_number = 9007199254740992;  // 2^53: exact in JSON

// By the clock as it is now: the event's own time may be from before it was set.
bool is_since(const StoredEvent& kept, const std::optional<base::RealTime>& since, const base::Now& now) {
  return !since || now.real - (now.mono - kept.at.mono) >= *since;
}

std::optional<KeptQuery> query_of(Parameters& parameters, const KeptLog& log) {
  const auto next = log.ring().next();
  KeptQuery query;
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
  query.any = parameters.has("after");
  return query;
}

Answer failed(std::string_view explanation) {
  return refusal("io.gnomon.Control.Failed", {{"explanation", explanation}});
}

}  // namespace

// Only who has seen some can have lost others.
std::uint64_t pass_over_lost(KeptQuery& query, const KeptLog& log) {
  const auto missed = log.ring().oldest() - std::min(query.after + 1, log.ring().oldest());
  const bool counts = query.after > 0 && query.any;
  query.any = true;
  query.after += missed;
  return counts ? missed : 0;
}

std::string kept_reply(const KeptKind& kind, KeptQuery& query, const KeptLog& log, bool continues) {
  if (kind.make_reply != nullptr) return kind.make_reply(query, log);
  const auto& ring = log.ring();
  json::object parameters;
  parameters["lost"] = pass_over_lost(query, log);
  auto next = query.after + 1;
  json::object lists;
  kind.begin(lists);
  std::size_t size = 0;
  for (; next < ring.next() && size < kept_reply_size; ++next) {
    const auto kept = ring.find(next);
    if (kept && is_since(*kept, query.since, log.now())) size += kind.add(*kept, log.now(), lists);
  }
  query.after = next - 1;
  parameters["last"] = query.after;
  for (auto& list : lists) parameters[list.key()] = std::move(list.value());
  json::object reply{{"parameters", std::move(parameters)}};
  if (continues) reply["continues"] = true;
  return json::serialize(reply) + '\0';
}

Answer list_kept(const KeptKind& kind, Parameters& parameters, const KeptLog* log) {
  if (log == nullptr) return failed(kind.none_kept);
  auto query = query_of(parameters, *log);
  if (!query) return invalid_parameter(*parameters.wrong());
  return {.text = kept_reply(kind, *query, *log, false)};
}

Answer follow_kept(const KeptKind& kind, Parameters& parameters, KeptLog* log) {
  if (log == nullptr) return failed(kind.none_kept);
  if (log->followers() >= most_followers)
    return failed("As many programs follow what is kept as may. End one of them.");
  auto query = query_of(parameters, *log);
  if (!query) return invalid_parameter(*parameters.wrong());
  Answer answer{.text = kept_reply(kind, *query, *log, true)};
  answer.then = AfterReply::follow;
  answer.following = {.kind = &kind, .log = log, .query = *query};
  return answer;
}

}  // namespace gnomon::core::control
