// SPDX-License-Identifier: GPL-2.0-or-later
// NTP timestamps (RFC 5905 section 6): 32.32 fixed point since 1900, modulo 2^32 seconds.
#pragma once

#include <cmath>
#include <compare>
#include <cstdint>

#include "base/time.hpp"

namespace gnomon::base {

// A difference of timestamps, signed 32.32: right while the two are less than 68 years apart, era boundary or
// not.
struct NtpDuration {
  std::int64_t value = 0;
  friend constexpr auto operator<=>(const NtpDuration&, const NtpDuration&) = default;
  [[nodiscard]] constexpr Seconds seconds() const {
    return Seconds{static_cast<double>(value) / 4294967296.0};
  }
};

// Not ordered: which of two timestamps is later is known only through their difference. Zero means unknown.
struct NtpTimestamp {
  std::uint64_t value = 0;
  friend constexpr bool operator==(const NtpTimestamp&, const NtpTimestamp&) = default;
  friend constexpr NtpDuration operator-(NtpTimestamp a, NtpTimestamp b) {
    return {static_cast<std::int64_t>(a.value - b.value)};
  }
  // To the nearest 2^-32 s; less than 68 years.
  friend NtpTimestamp operator+(NtpTimestamp t, Seconds s) {
    return {t.value + static_cast<std::uint64_t>(std::llround(s.count() * 4294967296.0))};
  }
  [[nodiscard]] constexpr bool is_zero() const { return value == 0; }
};

inline constexpr std::int64_t seconds_1900_to_1970 = 2208988800;

// Era is lost. Fractions round to the nearest 2^-32 s.
constexpr NtpTimestamp to_ntp(RealTime t) {
  const std::int64_t total = t.time_since_epoch().count();
  std::int64_t whole = total / 1'000'000'000;
  std::int64_t nanos = total % 1'000'000'000;
  if (nanos < 0) {
    nanos += 1'000'000'000;
    --whole;
  }
  const auto fraction = ((static_cast<std::uint64_t>(nanos) << 32U) + 500'000'000U) / 1'000'000'000U;
  return {(static_cast<std::uint64_t>(whole + seconds_1900_to_1970) << 32U) + fraction};
}

// The time with this timestamp that is nearest to `pivot` (at most 68 years away), to the nearest nanosecond.
constexpr RealTime from_ntp(NtpTimestamp t, RealTime pivot) {
  const std::int64_t difference = (t - to_ntp(pivot)).value;
  const std::int64_t whole = difference >> 32;
  const auto fraction = static_cast<std::uint64_t>(difference) & 0xffffffffU;
  const auto nanos = static_cast<std::int64_t>((fraction * 1'000'000'000U + 0x80000000U) >> 32U);
  return pivot + Duration{whole * 1'000'000'000 + nanos};
}

// The time with this timestamp in the 136 years (2^32 seconds) from `first` on, to the nearest nanosecond.
constexpr RealTime from_ntp_since(NtpTimestamp t, RealTime first) {
  return from_ntp(t, first + std::chrono::seconds{1LL << 31});  // their middle
}

static_assert(to_ntp(RealTime{}).value == 2208988800ULL << 32U);
static_assert((NtpTimestamp{1ULL << 32U} - NtpTimestamp{0xffffffffULL << 32U}).value == 2LL << 32U,
              "across an era");
static_assert(from_ntp(to_ntp(RealTime{Duration{1'795'402'352'387'722'543}}), RealTime{}) ==
              RealTime{Duration{1'795'402'352'387'722'543}});
static_assert(from_ntp(to_ntp(RealTime{Duration{-5}}), RealTime{Duration{7}}) == RealTime{Duration{-5}});
static_assert(from_ntp_since({1ULL << 32U}, RealTime{}) == RealTime{std::chrono::seconds{2085978497}},
              "the second that begins after the first era");
static_assert(from_ntp_since(to_ntp(RealTime{std::chrono::seconds{-1}}), RealTime{}) ==
              RealTime{std::chrono::seconds{4294967295}});

}  // namespace gnomon::base
