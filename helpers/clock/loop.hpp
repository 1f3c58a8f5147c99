// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-clock's loop: the next request, the end of a slew or a second of the real-time clock, whichever
// comes first.
#pragma once

#include "helpers/clock/service.hpp"

namespace gnomon::clock {

enum class Progress : std::uint8_t { go_on, closed, broken };
// What the loop works with; the channel stays its owner's.
struct Session {
  int channel;
  ClockService& service;
  base::Log& log;
};
// The loop's two steps, for whoever waits in another way: one request that is there to be read, unless
// something is due before; and what is due at its service's due(). After `closed` and `broken` the service is
// to leave().
[[nodiscard]] Progress answer_one(const Session& session);
[[nodiscard]] Progress on_time(const Session& session);
// What the service's rtc_descriptor() has become readable for.
[[nodiscard]] Progress on_rtc(const Session& session);

// Until the channel ends. However it ends, a running slew ends with it: nobody is left who knows how far it
// should go. Returns the exit status: 0 after end of file, 1 after anything unexpected.
[[nodiscard]] int serve(int channel, ClockService& service, base::SystemClock& clock, base::Log& log);

}  // namespace gnomon::clock
