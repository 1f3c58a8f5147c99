// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/reference_clocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "async/every.hpp"
#include "daemon/core/engine/values/reference_id.hpp"
#include "daemon/core/engine/values/source_number.hpp"
#include "daemon/core/sources/run_time_options.hpp"

namespace gnomon::core {

namespace {

base::Duration longest_silence(const engine::ReferenceClock& clock) {
  const auto interval = base::PollExponent{static_cast<std::int8_t>(clock.settings().poll)}.interval();
  return std::max<base::Duration>(interval, std::chrono::seconds{1}) * 3 / 2;
}

// When the reading was taken, by both clocks: a device is read after its poll has begun, `at`, but not after
// now.
base::Now moment_of(const engine::RefclockReading& reading, base::MonoTime at, const base::Now& now) {
  const base::Now then{now.real - (now.mono - at), at};
  const auto later =
      std::clamp(reading.time - then.real, base::Duration{0}, std::max(now.mono - at, base::Duration{0}));
  return {then.real + later, then.mono + later};
}

}  // namespace

ReferenceClocks::ReferenceClocks(async::TaskGroup& tasks, ClockDriver& clock_driver, Settings settings,
                                 OnEvents on_events, std::function<void(const std::string&)> on_disconnect,
                                 History history)
    : tasks_(tasks),
      clock_driver_(clock_driver),
      settings_(std::move(settings)),
      on_events_(std::move(on_events)),
      history_(std::move(history)),
      client_(tasks, {.on_news = [this](const std::vector<RefclockNews>& news) { on_news(news); },
                      .on_disconnect = std::move(on_disconnect)}) {
  for (std::size_t i = 0; i < settings_.clocks.size(); ++i) {
    const auto& line = settings_.clocks[i];
    const base::SourceId id{static_cast<std::uint32_t>(i + 1)};
    clocks_.push_back(
        std::make_unique<Entry>(engine::ReferenceClock{id, engine::reference_id_of(line, i), line}));
  }
  for (const auto& entry : clocks_) {
    const auto& wanted = entry->clock.settings().lock_reference_id;
    if (wanted.empty()) continue;
    const auto found = std::ranges::find_if(clocks_, [&](const auto& other) {
      return other->clock.reference_id() == engine::reference_id_of_text(wanted);
    });
    if (found != clocks_.end()) entry->lock = &(*found)->clock;
  }
}

// Its intervals begin with it.
void ReferenceClocks::connect(base::Fd channel) {
  for (const auto& entry : clocks_) entry->clock.begin_interval();
  client_.connect(std::move(channel));
}

ClockEvents ReferenceClocks::start() {
  ClockEvents events;
  for (const auto& one : clocks_) {
    auto& entry = *one;
    const auto& clock = entry.clock;
    const engine::SourceTraits traits{.id = clock.id(),
                                      .source = engine::source_of(clock.settings(), clock.reference_id()),
                                      .address = {},
                                      .clock_id = clock.reference_id()};
    clock_driver_.add(traits);
    events.append(restore(entry, traits));
    entry.last_poll = tasks_.now().mono;
    tasks_.spawn("reference clock", async::every(tasks_.loop(), longest_silence(clock),
                                                 [this, &entry] { look_for_silence(entry); }));
  }
  return events;
}

ClockEvents ReferenceClocks::restore(Entry& entry, const engine::SourceTraits& traits) {
  const auto dump = history_ ? history_(traits) : std::nullopt;
  if (!dump) return {};
  entry.clock.restore(dump->reach, dump->stratum);
  entry.status.reach = dump->reach;
  return clock_driver_.restore(traits.id, *dump);
}

engine::RefclockContext ReferenceClocks::context(const base::Now& now,
                                                 const engine::TrackingReport& tracking) const {
  const auto& keeper = clock_driver_.keeper();
  return {.now = now,
          .scale = keeper.timescale(),
          .frequency = keeper.frequency(),
          .tracking = tracking,
          .clock_precision = settings_.clock_precision,
          .tai_offset = [&keeper](base::RealTime utc) { return keeper.tai_offset(utc); }};
}

// Whether our clock follows pulses that it numbers itself: then its stratum is theirs.
bool ReferenceClocks::pulses_lead(const engine::TrackingReport& tracking) const {
  if (tracking.stratum == 0) return false;
  if (tracking.reference_id == base::local_reference_id) return true;
  return std::ranges::any_of(clocks_, [&](const auto& entry) {
    return entry->clock.reference_id() == tracking.reference_id && entry->clock.numbers_by_clock();
  });
}

void ReferenceClocks::on_clock_set() {
  clock_set_ = tasks_.now().mono;
}

void ReferenceClocks::take(Entry& entry, const engine::RefclockReading& reading, const base::Now& then,
                           const engine::TrackingReport& tracking, ClockEvents& events) {
  // Taken before the clock was set, it is not of the clock there is now.
  if (clock_set_ && (then.mono < *clock_set_ || then.real - reading.time >= then.mono - *clock_set_)) return;
  // Of a clock in TAI the offset says nothing of UTC; it looks for leap seconds itself.
  const auto offset = entry.clock.settings().tai ? base::Duration{} : reading.offset;
  if (clock_driver_.keeper().is_leap_near(reading.time, base::to_seconds(offset)))
    return entry.clock.pass_over(reading, then);
  const auto record = entry.clock.take(reading, entry.lock, context(then, tracking));
  if (record && settings_.records) events.records.emplace_back(*record);
}

ClockEvents ReferenceClocks::take(const RefclockNews& news, const engine::TrackingReport& tracking) {
  auto& entry = *clocks_[news.index];
  ClockEvents events;
  const auto now = tasks_.now();
  for (const auto& reading : news.readings)
    take(entry, reading, moment_of(reading, news.at, now), tracking, events);
  if (!news.polled) return events;
  entry.last_poll = now.mono;
  if (entry.clock.polled()) events.append(poll_over(entry, tracking));
  return events;
}

void ReferenceClocks::on_news(const std::vector<RefclockNews>& news) {
  on_events_(clock_driver_.look_at_clock());
  auto tracking = clock_driver_.keeper().tracking(tasks_.now());
  for (const auto& one : news) {
    if (one.index >= clocks_.size()) continue;
    auto events = take(one, tracking);
    const bool decided = events.decided;
    if (decided || !events.records.empty()) on_events_(std::move(events));
    if (decided) tracking = clock_driver_.keeper().tracking(tasks_.now());
  }
}

ClockEvents ReferenceClocks::poll_over(Entry& entry, const engine::TrackingReport& tracking) {
  ClockEvents events;
  auto poll = entry.clock.poll_over(context(tasks_.now(), tracking), pulses_lead(tracking));
  if (poll.correction) clock_driver_.follow(*poll.correction);
  if (poll.record && settings_.records) events.records.emplace_back(*poll.record);
  if (poll.sample)
    events.measured = SourceMeasurement{.source = entry.clock.id(),
                                        .offset = poll.sample->offset,
                                        .delay = poll.sample->delay,
                                        .error = poll.sample->root_distance(),
                                        .stratum = poll.sample->stratum.value,
                                        .used = true};
  const engine::SourceStatus status = engine::status_of(entry.clock.report(tasks_.now()));
  if (poll.sample || status != std::exchange(entry.status, status))
    events.append(clock_driver_.update(entry.clock.id(), status, poll.sample));
  return events;
}

void ReferenceClocks::look_for_silence(Entry& entry) {
  const auto now = tasks_.now();
  if (now.mono - entry.last_poll < longest_silence(entry.clock)) return;
  on_events_(poll_over(entry, clock_driver_.keeper().tracking(now)));
}

std::vector<engine::AssociationReport> ReferenceClocks::reports(const base::Now& now) const {
  std::vector<engine::AssociationReport> reports;
  reports.reserve(clocks_.size());
  for (const auto& entry : clocks_) reports.push_back(entry->clock.report(now));
  return reports;
}

// The first one where several have the same identifier, as chronyd.
ReferenceClocks::Entry* ReferenceClocks::find(std::string_view source) const {
  const auto id = engine::numbered(source);
  const auto found = std::ranges::find_if(clocks_, [&](const auto& entry) {
    return id ? entry->clock.id() == *id : engine::text_of(entry->clock.reference_id()) == source;
  });
  return found == clocks_.end() ? nullptr : found->get();
}

void ReferenceClocks::reconfigure(Entry& entry, config::RefClock changed) {
  auto& clock = entry.clock;
  clock.reconfigure(std::move(changed));
  clock_driver_.reconfigure(clock.id(), engine::source_of(clock.settings(), clock.reference_id()));
}

ReferenceClocks::Done ReferenceClocks::carry_out(const control::ModifySource& command) {
  constexpr double most = 1e9;  // s
  if (command.option != "offset")
    return std::unexpected(
        "Of a reference clock only offset and selection options change while the daemon runs");
  if (!(std::fabs(command.value) <= most))
    return std::unexpected(fmt::format("offset must be {} to {}", -most, most));
  auto& entry = *find(command.source);
  auto changed = entry.clock.settings();
  changed.offset = base::Seconds{command.value};
  reconfigure(entry, std::move(changed));
  return {};
}

ReferenceClocks::Done ReferenceClocks::carry_out(const control::SetSelectOptions& command) {
  auto& entry = *find(command.source);
  auto changed = with_select_options(entry.clock.settings(), command.options);
  if (!changed) return std::unexpected(changed.error());
  reconfigure(entry, std::move(*changed));
  return clock_driver_.select();
}

std::optional<engine::SourceNames> ReferenceClocks::names(base::SourceId id) const {
  if (id.value == 0 || id.value > clocks_.size()) return std::nullopt;
  return engine::SourceNames{.address = {},
                             .name = engine::text_of(clocks_[id.value - 1]->clock.reference_id())};
}

}  // namespace gnomon::core
