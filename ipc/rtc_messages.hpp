// SPDX-License-Identifier: GPL-2.0-or-later
// Core and clock helper: the real-time clock. The core says when it is read and when it is set, but not to
// what: it is set to the system clock's time.
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "ipc/frame.hpp"

namespace gnomon::ipc {

// The next `ticks` seconds that begin on the real-time clock, each to be told by an RtcTick. A new request
// replaces one that is not done.
struct ReadRtc {
  static constexpr auto type = MessageType::read_rtc;
  std::uint8_t ticks = 1;  // 1..64
};
struct SetRtc {
  static constexpr auto type = MessageType::set_rtc;
};

enum class RtcOutcome : std::uint8_t {
  done,
  no_device,
  not_permitted,  // no CAP_SYS_TIME, as with -x
  too_soon,       // it was set less than a minute ago
  failed          // system_error says why
};
// The answer to both.
struct RtcAnswer {
  static constexpr auto type = MessageType::rtc_answer;
  RtcOutcome outcome{};
  std::int32_t system_error = 0;  // errno for `failed`
  std::int64_t reading = 0;       // SetRtc: what the real-time clock was set to, seconds since 1970
  base::RealTime at;              // SetRtc: what the system clock read then
};
// An event. After one with an error there are no more.
struct RtcTick {
  static constexpr auto type = MessageType::rtc_tick;
  std::int64_t reading = 0;       // seconds since 1970; its second has just begun
  base::RealTime at;              // what the system clock read then
  std::int32_t system_error = 0;  // not 0: it could not be read
};

}  // namespace gnomon::ipc
