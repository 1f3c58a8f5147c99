// SPDX-License-Identifier: GPL-2.0-or-later
// The real-time clock, compared with the system clock when the core asks and set to it. Owned by the service.
// Uses no heap.
#pragma once

#include <optional>

#include "base/time.hpp"
#include "helpers/clock/rtc_device.hpp"
#include "ipc/rtc_messages.hpp"

namespace gnomon::clock {

class Rtc {
 public:
  Rtc(RtcDevice& device, bool on_utc) : device_(device), on_utc_(on_utc) {}
  Rtc(const Rtc&) = delete;
  Rtc& operator=(const Rtc&) = delete;

  [[nodiscard]] ipc::RtcAnswer begin(const ipc::ReadRtc& request);
  // To the second that the system clock shows: chips begin the next second half a second after they are set.
  [[nodiscard]] ipc::RtcAnswer set(const base::Now& now);
  // What is waited for to become readable; -1: nothing.
  [[nodiscard]] int descriptor() const { return ticks_left_ > 0 ? device_.descriptor() : -1; }
  // It is. `now`: when. nullopt: no second has begun yet.
  [[nodiscard]] std::optional<ipc::RtcTick> on_readable(base::RealTime now);

 private:
  void end();
  [[nodiscard]] std::expected<std::int64_t, int> reading();

  RtcDevice& device_;
  bool on_utc_;
  int ticks_left_ = 0;
  bool skip_ = false;  // the first interrupt may come from before it was asked for
  std::optional<base::MonoTime> set_at_;
};

}  // namespace gnomon::clock
