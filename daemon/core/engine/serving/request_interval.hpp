// SPDX-License-Identifier: GPL-2.0-or-later
// The average interval of a client's requests in one octet, as chrony's client log has it: quarters of log2
// seconds, quick to follow requests that become rarer and slow to follow a burst. Stateless.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>

namespace gnomon::engine::request_interval {

inline constexpr int log2_ticks = 4;  // a second has 16
inline constexpr int quarters = 4;    // of a step of log2
inline constexpr std::int8_t unknown = 127;

// Of one interval, rounded to whole steps of log2; what is shorter than a tick is half of one.
constexpr int quarters_of(std::uint32_t ticks) {
  constexpr int longest = 14;  // log2 seconds
  if (ticks == 0) return -(log2_ticks + 1) * quarters;
  const auto log2 = static_cast<int>(std::bit_width(std::uint64_t{ticks} + ticks / 2)) - 1 - log2_ticks;
  return std::min(log2, longest) * quarters;
}

constexpr std::int8_t average_with(std::int8_t average, std::uint32_t ticks) {
  constexpr int most_behind = 5 * quarters / 2;
  const int latest = quarters_of(ticks);
  if (average == unknown) return static_cast<std::int8_t>(latest);
  if (average > latest) return static_cast<std::int8_t>(average - 1);
  if (average == latest) return average;
  if (average < latest - most_behind) return static_cast<std::int8_t>(latest - most_behind);
  return static_cast<std::int8_t>((average + latest + 1) / 2);
}

// Whole log2 seconds, rounded.
constexpr std::optional<std::int8_t> log2_seconds(std::int8_t average) {
  if (average == unknown) return std::nullopt;
  constexpr int half = quarters / 2;
  return static_cast<std::int8_t>((average + (average < 0 ? -half : half)) / quarters);
}

}  // namespace gnomon::engine::request_interval
