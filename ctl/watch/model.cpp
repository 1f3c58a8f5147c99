// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/watch/model.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "ctl/render/record.hpp"
#include "ctl/render/source_state.hpp"
#include "ctl/watch/cells.hpp"

namespace gnomon::ctl {

namespace {

constexpr std::size_t most_events = 50;

// "NTS 8/2h": cookies, and how old the keys are.
void describe_keys(const Record& auth, WatchedSource& source) {
  const auto mode = auth.text("mode");
  if (mode == "none") return;
  if (mode != "nts") {
    source.keys = fmt::format("key {}", auth.integer("key_id"));
    return;
  }
  const auto age = auth.optional_number("last_ke");
  source.keys_fail = auth.optional_text("last_failure").has_value();
  if (source.keys_fail)
    source.keys = fmt::format("NTS fails {}x", auth.integer("ke_attempts"));
  else if (!age)
    source.keys = "NTS waits";
  else
    source.keys = fmt::format("NTS {}/{}", auth.integer("cookies"), age_text(*age));
}

const WatchedSource* find(const std::vector<WatchedSource>& sources, std::int64_t id) {
  const auto found = std::ranges::find(sources, id, &WatchedSource::id);
  return found == sources.end() ? nullptr : &*found;
}

WatchedSource source_of(const Record& record, const WatchModel& model) {
  WatchedSource source{.id = record.integer("id"),
                       .name = record.text("name"),
                       .letter = state_letter(record.text("state")),
                       .stratum = record.integer("stratum"),
                       .poll = record.integer("poll"),
                       .reach = static_cast<std::uint8_t>(record.integer("reach")),
                       .last_rx = record.optional_number("last_rx"),
                       .offset = record.number("adjusted_offset"),
                       .error = record.number("error")};
  const auto address = record.optional_text("address");
  if (address && *address != source.name) source.address = *address;
  const auto* const before = find(model.sources, source.id);
  if (before == nullptr) return source;
  source.before = before->before;
  source.changed_at = before->changed_at;
  if (before->letter != source.letter) {
    source.before = before->letter;
    source.changed_at = model.now;
  }
  return source;
}

template <class T>
void forget_before(std::vector<T>& points, double time) {
  std::erase_if(points, [time](const T& point) { return point.time < time; });
}

}  // namespace

void take_tracking(const boost::json::object& reply, WatchModel& model) {
  const Record record(reply);
  model.clock = {.synchronised = record.truth("synchronised"),
                 .name = record.text("name"),
                 .stratum = static_cast<int>(record.integer("stratum")),
                 .bound = record.optional_number("error_bound"),
                 .remaining = record.number("system_time"),
                 .last_offset = record.number("last_offset"),
                 .frequency = record.number("frequency"),
                 .skew = record.number("skew"),
                 .leap = record.text("leap"),
                 .summary = std::move(model.clock.summary)};
  if (model.keeps_measurements) return;
  // Then the curves are of what is seen here.
  model.history.clock.push_back({.time = model.now,
                                 .offset = -model.clock.remaining,
                                 .bound = model.clock.bound,
                                 .frequency = model.clock.frequency,
                                 .skew = model.clock.skew});
}

void take_sources(const boost::json::object& sources, const boost::json::object& keys, WatchModel& model) {
  std::vector<WatchedSource> now;
  const Record auth(keys);
  const auto all_keys = auth.records("sources");
  const Record reply(sources);
  for (const auto& record : reply.records("sources")) {
    auto source = source_of(record, model);
    const auto found = std::ranges::find_if(
        all_keys, [&source](const Record& each) { return each.integer("id") == source.id; });
    if (found != all_keys.end()) describe_keys(*found, source);
    now.push_back(std::move(source));
  }
  model.sources = std::move(now);
}

void forget_old(WatchModel& model, double longest) {
  auto& history = model.history;
  const double oldest = model.now - longest;
  forget_before(history.clock, oldest);
  forget_before(history.measured, oldest);
  forget_before(history.selections, oldest);
  std::erase_if(history.starts, [oldest](double time) { return time < oldest; });
  if (history.events.size() > most_events)
    history.events.erase(history.events.begin(),
                         history.events.end() - static_cast<std::ptrdiff_t>(most_events));
}

}  // namespace gnomon::ctl
