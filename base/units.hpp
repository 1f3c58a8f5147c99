// SPDX-License-Identifier: GPL-2.0-or-later
// The field's small quantities as types (RFC 5905 section 7.3): no bare number is a poll exponent or a
// stratum by its name alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <compare>
#include <cstdint>

#include "base/time.hpp"

namespace gnomon::base {

// A frequency ratio in parts per million. Positive: the clock this speaks of runs fast.
struct Ppm {
  double value = 0;
  friend constexpr auto operator<=>(const Ppm&, const Ppm&) = default;
  friend constexpr Ppm operator+(Ppm a, Ppm b) { return {a.value + b.value}; }
  friend constexpr Ppm operator-(Ppm a, Ppm b) { return {a.value - b.value}; }
  friend constexpr Ppm operator-(Ppm a) { return {-a.value}; }
  [[nodiscard]] constexpr double ratio() const { return value * 1e-6; }  // seconds per second
};
constexpr Ppm ppm_of_ratio(double ratio) {
  return {ratio * 1e6};
}

// Poll interval as log2 seconds; chrony's range is -7..24.
struct PollExponent {
  std::int8_t value = 6;
  friend constexpr auto operator<=>(const PollExponent&, const PollExponent&) = default;
  [[nodiscard]] Duration interval() const { return to_duration(Seconds{std::ldexp(1.0, value)}); }
};

// 0 unspecified or kiss, 1 primary, 2..15 secondary, 16 unsynchronised.
struct Stratum {
  std::uint8_t value = 16;
  friend constexpr auto operator<=>(const Stratum&, const Stratum&) = default;
  [[nodiscard]] constexpr bool usable() const { return value >= 1 && value <= 15; }
};

enum class LeapIndicator : std::uint8_t { none = 0, insert = 1, remove = 2, unsynchronised = 3 };

// Four octets: ASCII at stratum 0 and 1, else the IPv4 address or the MD5 prefix of the IPv6 address of the
// source.
struct ReferenceId {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(const ReferenceId&, const ReferenceId&) = default;
};
constexpr ReferenceId reference_id(const char (&text)[5]) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = (value << 8U) | static_cast<std::uint8_t>(text[i]);
  return {value};
}
inline constexpr ReferenceId local_reference_id{0x7F7F0101};

// Names one time source for the life of the daemon; never used again.
struct SourceId {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(const SourceId&, const SourceId&) = default;
};

// Octets 8 and 4 of the header: 16.16 fixed-point seconds, 0..65536.
struct ShortDuration {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(const ShortDuration&, const ShortDuration&) = default;
  [[nodiscard]] constexpr Seconds seconds() const { return Seconds{static_cast<double>(value) / 65536.0}; }
};
// Rounds up, so that a distance never looks smaller than it is; saturates.
inline ShortDuration short_duration(Seconds s) {
  const double scaled = std::ceil(std::max(0.0, s.count()) * 65536.0);
  return {scaled >= 4294967295.0 ? 0xffffffffU : static_cast<std::uint32_t>(scaled)};
}

static_assert(ShortDuration{0x00018000}.seconds() == Seconds{1.5});
static_assert(reference_id("NTSN").value == 0x4e54534e);
static_assert(Ppm{50}.ratio() > 49.9e-6 && Ppm{50}.ratio() < 50.1e-6);

}  // namespace gnomon::base
