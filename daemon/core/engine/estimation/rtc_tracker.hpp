// SPDX-License-Identifier: GPL-2.0-or-later
// What is known of the real-time clock: how far it is ahead of true time, and how fast it gains, by a robust
// line through its readings. Owned by the core's RtcDriver.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "base/rtc_file.hpp"
#include "base/time.hpp"
#include "daemon/core/engine/estimation/timescale.hpp"

namespace gnomon::engine {

struct RtcLine {
  std::int64_t reference = 0;  // the last reading, seconds since 1970
  base::Seconds fast{};        // then; positive: it is ahead
  double gain = 0;             // s/s; positive: it runs fast
  std::uint32_t samples = 0;
  std::uint32_t runs = 0;  // of the residuals' signs
  base::Seconds span{};    // from the first reading to the last
};

class RtcTracker {
 public:
  // True time at a moment of the free-running scale, as the sources have it by now; leap seconds as of now.
  using TrueTime = std::function<base::RealTime(LocalTime)>;
  struct Plan {
    base::Duration pause{};
    std::uint8_t ticks = 1;  // readings to take then
  };

  [[nodiscard]] Plan plan() const;
  // A second of the real-time clock began. Returns what is to be written to the rtcfile: the new error, once
  // enough was read after it was set.
  [[nodiscard]] std::optional<base::RtcFile> add(std::int64_t reading, LocalTime at,
                                                 const TrueTime& true_time);
  // It was set; the gain is still known.
  void was_set(std::int64_t reading, base::RealTime at);
  // The readings so far are no longer comparable with the system clock.
  void clear() { samples_.clear(); }
  // The last line where there are too few readings for another; nullopt: never enough of them.
  [[nodiscard]] std::optional<RtcLine> line() const { return line_; }
  // The same after the sources have said more.
  void fit(const TrueTime& true_time);
  // How far it is ahead: with too few readings for a line by the last of them; nullopt: there is none.
  [[nodiscard]] std::optional<base::Seconds> fast(const TrueTime& true_time) const;
  // Whether the line says something of the clock as it is set now.
  [[nodiscard]] bool is_known() const { return known_; }
  [[nodiscard]] bool is_settling() const { return settling_; }
  [[nodiscard]] std::size_t samples() const { return samples_.size(); }
  // nullopt: what the file has is better than what we know.
  [[nodiscard]] std::optional<base::RtcFile> file() const;

 private:
  struct Sample {
    std::int64_t reading = 0;
    LocalTime at;
  };
  [[nodiscard]] static base::Seconds fast(const Sample& sample, const TrueTime& true_time);
  [[nodiscard]] std::optional<base::RtcFile> settle(const TrueTime& true_time);

  std::deque<Sample> samples_;
  std::optional<RtcLine> line_;
  bool known_ = false;
  bool settling_ = false;  // it was set, and is read each second
  double gain_before_ = 0;
};

}  // namespace gnomon::engine
