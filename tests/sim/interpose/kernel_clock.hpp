// SPDX-License-Identifier: GPL-2.0-or-later
// The system clock as Linux lets daemons see and steer it (clock_gettime, adjtimex), on a modelled
// oscillator; owned by the Machine. The kernel's own loop (ADJ_OFFSET) can only be reset, as daemons with a
// loop of their own do.
#pragma once

#include <sys/timex.h>

#include <cstdint>
#include <ctime>
#include <functional>
#include <random>

#include "tests/sim/model.hpp"

namespace gnomon::interpose {

// True time: seconds since the start of the run, and what UTC says then.
struct TrueTime {
  std::int64_t epoch_ns = 1'800'000'000'000'000'000;  // UTC at t = 0, since 1970
  double leap = 0;                                    // t of an inserted second; 0: none
  [[nodiscard]] std::int64_t utc_ns(double t) const;
};

class KernelClock {
 public:
  using EverySecond = std::function<void(double error, double rate_error)>;
  KernelClock(const simulation::Oscillator& oscillator, const TrueTime& true_time, std::uint64_t seed);

  [[nodiscard]] double now() const { return t_; }
  // Up to true time t, seconds; each whole second on the way is told.
  void advance(double t, const EverySecond& every_second);
  // Seconds that CLOCK_MONOTONIC gains in one true second.
  [[nodiscard]] double rate() const;
  [[nodiscard]] double monotonic() const { return t_ + monotonic_gain_; }
  [[nodiscard]] std::int64_t realtime_ns() const;
  [[nodiscard]] timespec read(clockid_t id) const;

  // As clock_adjtime(2): the state of the clock, or a negative errno.
  int adjust(timex& request);
  // As clock_settime(2).
  void set(std::int64_t utc_ns);

 private:
  void move_to(double t);
  [[nodiscard]] double next_change() const;
  void end_of_second();
  void end_of_day();
  void forget_synchronisation();
  int apply(timex& request);
  [[nodiscard]] int state() const;
  void report(timex& request) const;
  [[nodiscard]] double seconds_to_leap() const;

  TrueTime true_time_;
  simulation::Drift drift_;
  std::mt19937_64 random_;
  double t_ = 0;
  double ahead_;               // s: of epoch + t
  double monotonic_gain_ = 0;  // s: of t
  double raw_gain_ = 0;
  double next_second_ = 1;
  double singleshot_ = 0;  // s: what adjtime() has still to correct
  timex kernel_{};
  int state_ = TIME_OK;
};

}  // namespace gnomon::interpose
