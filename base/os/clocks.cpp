// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/clocks.hpp"

#include <ctime>

namespace gnomon::base {

namespace {

constexpr auto together = std::chrono::microseconds{100};
constexpr int most_tries = 4;

Duration time_of(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return std::chrono::seconds{t.tv_sec} + Duration{t.tv_nsec};
}

}  // namespace

// A pause between the two readings would look like a step of the system clock: then they are taken again.
Now read_now() {
  Now now;
  for (int tries = 0; tries < most_tries; ++tries) {
    now.mono = MonoTime{time_of(CLOCK_MONOTONIC)};
    now.real = RealTime{time_of(CLOCK_REALTIME)};
    if (MonoTime{time_of(CLOCK_MONOTONIC)} - now.mono <= together) break;
  }
  return now;
}

// CLOCK_BOOTTIME is CLOCK_MONOTONIC with the time asleep. Here, too, a pause in between would look like
// sleep.
Duration time_asleep() {
  Duration asleep{};
  for (int tries = 0; tries < most_tries; ++tries) {
    const Duration before = time_of(CLOCK_MONOTONIC);
    timespec t{};
    if (clock_gettime(CLOCK_BOOTTIME, &t) != 0) return {};
    asleep = std::chrono::seconds{t.tv_sec} + Duration{t.tv_nsec} - before;
    if (time_of(CLOCK_MONOTONIC) - before <= together) break;
  }
  return asleep;
}

}  // namespace gnomon::base
