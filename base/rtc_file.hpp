// SPDX-License-Identifier: GPL-2.0-or-later
// chrony's rtcfile: how far the real-time clock was ahead of true time, and how fast it gains. One line,
// "1 <reference> <fast> <gain>": seconds since 1970, seconds, ppm; a 0 in front: the rest says nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "base/units.hpp"

namespace gnomon::base {

struct RtcFile {
  std::int64_t reference = 0;  // seconds since 1970, as the real-time clock reads
  Seconds fast{};              // at that reading; positive: it is ahead
  Ppm gain;                    // positive: it runs fast
  // How far it is ahead when it reads that many seconds since 1970.
  [[nodiscard]] Seconds fast_at(std::int64_t reading) const {
    return fast + Seconds{static_cast<double>(reading - reference) * gain.ratio()};
  }
  friend bool operator==(const RtcFile&, const RtcFile&) = default;
};

[[nodiscard]] std::string to_text(const RtcFile& file);
// nullopt: not four numbers, the first is not 1, or out of range (years 1970..2255, +-1e9 s, +-500000 ppm).
[[nodiscard]] std::optional<RtcFile> parse_rtc_file(std::string_view text);

}  // namespace gnomon::base
