// SPDX-License-Identifier: GPL-2.0-or-later
// A system clock of the test: records what is asked of the kernel and answers from its own memory.
#pragma once

#include <cerrno>
#include <vector>

#include "base/os/adjtime.hpp"

namespace gnomon::testing {

class FakeClock final : public base::SystemClock {
 public:
  base::Now time{base::RealTime{std::chrono::seconds{1'795'402'352}},
                 base::MonoTime{std::chrono::seconds{100}}};
  base::KernelRate rate;
  int status = STA_UNSYNC;
  int tai = 0;
  std::int64_t offset = 0;           // of the kernel's own loop, taken only while it runs (STA_PLL)
  std::int64_t rest_of_adjtime = 0;  // us
  int refuse_with = 0;               // errno of every change
  std::vector<timex> changes{};      // requests with modes

  int adjust(timex& request) override {
    if (request.modes != 0) {
      if (refuse_with != 0) {
        errno = refuse_with;
        return -1;
      }
      changes.push_back(request);
      apply(request);
    }
    request.tick = rate.tick;
    request.freq = rate.frequency;
    request.status = status;
    request.tai = tai;
    return 0;
  }
  base::Now now() override { return time; }
  void pass(base::Duration d) {
    time.real += d;
    time.mono += d;
  }

 private:
  void apply(const timex& request) {
    const auto has = [&](unsigned mode) { return (request.modes & mode) == mode; };
    if (has(ADJ_OFFSET_SINGLESHOT)) {
      rest_of_adjtime = request.offset;
      return;
    }
    if (has(ADJ_TICK)) rate.tick = request.tick;
    if (has(ADJ_FREQUENCY)) rate.frequency = request.freq;
    if (has(ADJ_STATUS)) status = request.status;
    if (has(ADJ_OFFSET) && (status & STA_PLL) != 0) offset = request.offset;
    if (has(ADJ_TAI)) tai = static_cast<int>(request.constant);
    if (has(ADJ_SETOFFSET))
      time.real += std::chrono::seconds{request.time.tv_sec} + base::Duration{request.time.tv_usec};
  }
};

}  // namespace gnomon::testing
