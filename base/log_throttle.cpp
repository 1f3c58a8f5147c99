// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log_throttle.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

namespace gnomon::base {

namespace {

// FNV-1a: who finds two messages with one key has two messages counted as one.
constexpr std::uint64_t fnv_begin = 0xcbf29ce484222325;
constexpr std::uint64_t fnv_prime = 0x100000001b3;

std::uint64_t mix(std::uint64_t hash, std::string_view octets) {
  for (const char c : octets) hash = (hash ^ static_cast<unsigned char>(c)) * fnv_prime;
  return hash;
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t number) {
  return (hash ^ number) * fnv_prime;
}

std::uint64_t mix(std::uint64_t hash, const FieldValue& field) {
  hash = mix(hash, static_cast<std::uint64_t>(field.field));
  if (const auto* text = std::get_if<std::string_view>(&field.value)) return mix(hash, *text);
  if (const auto* number = std::get_if<std::int64_t>(&field.value))
    return mix(hash, static_cast<std::uint64_t>(*number));
  return mix(hash, std::bit_cast<std::uint64_t>(std::get<double>(field.value)));
}

std::string_view source_in(const LogMessage& message) {
  for (const auto& field : message.fields)
    if (field.field == LogField::source)
      if (const auto* text = std::get_if<std::string_view>(&field.value)) return *text;
  return {};
}

}  // namespace

std::uint64_t flood_key(const LogMessage& message) {
  std::uint64_t hash = mix(fnv_begin, static_cast<std::uint64_t>(message.event));
  for (const auto& field : message.fields)
    if (traits_of(field.field).identifies) hash = mix(hash, field);
  return hash == 0 ? 1 : hash;
}

void LogThrottle::LeftOut::add(std::uint32_t more, MonoTime when) {
  if (more == 0) return;
  since = count == 0 ? when : std::min(since, when);
  count += std::min(more, std::numeric_limits<std::uint32_t>::max() - count);
}

void LogThrottle::LeftOut::bring_into_range(MonoTime now) {
  since = std::clamp(since, MonoTime{}, now);
}

void LogThrottle::begin_again(MonoTime now) {
  for (auto& kind : events_) {
    auto& [tokens, filled] = kind.bucket;
    tokens = tokens >= 0 ? std::min<double>(tokens, event_burst) : 0;  // no number is 0, too
    filled = std::clamp(filled, MonoTime{}, now);
    kind.left_out.bring_into_range(now);
  }
  for (auto& slot : slots_) {
    if (static_cast<std::size_t>(slot.event) >= event_count) slot = {};
    slot.bucket = {.tokens = 0, .filled = std::clamp(slot.bucket.filled, MonoTime{}, now)};
    slot.used = std::clamp(slot.used, MonoTime{}, now);
    slot.left_out.bring_into_range(now);
    slot.text.length = std::min(slot.text.length, slot.text.octets.size());
    slot.source.length = std::min(slot.source.length, slot.source.octets.size());
  }
}

template <std::size_t size>
void LogThrottle::Text<size>::set(std::string_view text) {
  length = std::min(text.size(), size);
  std::ranges::copy(text.substr(0, length), octets.begin());
}

LogThrottle::Verdict LogThrottle::judge(const LogMessage& message, MonoTime now) {
  if (traits_of(message.event).repeats == Repeats::every) return {};
  auto& slot = slot_of(flood_key(message), message.event, now);
  auto& kind = events_.at(static_cast<std::size_t>(message.event));
  slot.used = now;
  if (!slot.bucket.take(flood_burst, flood_interval, now) ||
      !kind.bucket.take(event_burst, event_interval, now)) {
    slot.left_out.add(1, now);
    slot.text.set(message.text);
    slot.source.set(source_in(message));
    return {.write = false};
  }
  auto told = slot.left_out;
  told.add(kind.left_out.count, kind.left_out.since);
  slot.left_out = kind.left_out = {};
  return {.left_out = told.count, .over = told.count == 0 ? Duration{0} : now - told.since};
}

// One that is free, or that was used longest ago: its count goes to the event.
LogThrottle::Slot& LogThrottle::slot_of(std::uint64_t key, LogEvent event, MonoTime now) {
  if (const auto known = std::ranges::find(slots_, key, &Slot::key); known != slots_.end()) return *known;
  auto& slot = *std::ranges::min_element(
      slots_, {}, [](const Slot& each) { return std::pair{each.key != 0, each.used}; });
  if (slot.key != 0)
    events_.at(static_cast<std::size_t>(slot.event)).left_out.add(slot.left_out.count, slot.left_out.since);
  slot = {.key = key, .event = event, .used = now};
  return slot;
}

std::optional<LogThrottle::Late> LogThrottle::next_since(MonoTime latest, MonoTime now) {
  const auto is_due = [&](const auto& each) {
    return each.left_out.count > 0 && each.left_out.since <= latest;
  };
  if (const auto slot = std::ranges::find_if(slots_, is_due); slot != slots_.end()) {
    static_cast<void>(slot->bucket.take(flood_burst, flood_interval, now));
    const auto told = std::exchange(slot->left_out, {});
    return Late{slot->event, slot->text.view(), slot->source.view(), told.count - 1, now - told.since};
  }
  const auto kind = std::ranges::find_if(events_, is_due);
  if (kind == events_.end()) return std::nullopt;
  const auto event = static_cast<LogEvent>(kind - events_.begin());
  const auto told = std::exchange(kind->left_out, {});
  return Late{event, traits_of(event).title, {}, told.count - 1, now - told.since};
}

std::optional<LogThrottle::Late> LogThrottle::next_late(MonoTime now) {
  return next_since(now - flood_interval, now);
}

std::optional<LogThrottle::Late> LogThrottle::next_left_out(MonoTime now) {
  return next_since(now, now);
}

}  // namespace gnomon::base
