// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/interpose/kernel_clock.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>

namespace gnomon::interpose {

namespace {

constexpr std::int64_t nano = 1'000'000'000;
constexpr std::int64_t day = 86400 * nano;
constexpr double start_of_monotonic = 1000;  // s: the machine has been up for a while
constexpr long most_frequency = 500L << 16;  // 500 ppm
constexpr long most_error = 16'000'000;      // us
constexpr double singleshot_rate = 500e-6;
constexpr int read_only = STA_PPSSIGNAL | STA_PPSJITTER | STA_PPSWANDER | STA_PPSERROR | STA_CLOCKERR |
                          STA_NANO | STA_MODE | STA_CLK;

std::int64_t to_ns(double seconds) {
  return std::llround(seconds * 1e9);
}

timespec to_timespec(std::int64_t ns) {
  const std::int64_t whole = ns >= 0 ? ns / nano : -((nano - 1 - ns) / nano);
  return {static_cast<time_t>(whole), static_cast<long>(ns - whole * nano)};
}

bool has(const timex& request, unsigned mode) {
  return (request.modes & mode) != 0;
}

}  // namespace

std::int64_t TrueTime::utc_ns(double t) const {
  return epoch_ns + to_ns(t) - (leap > 0 && t >= leap ? nano : 0);
}

KernelClock::KernelClock(const simulation::Oscillator& oscillator, const TrueTime& true_time,
                         std::uint64_t seed)
    : true_time_(true_time), drift_(oscillator), random_(seed), ahead_(oscillator.offset) {
  kernel_.tick = 10000;
  kernel_.status = STA_UNSYNC;
  kernel_.maxerror = kernel_.esterror = most_error;
  kernel_.constant = 2;
  kernel_.precision = 1;
  kernel_.tolerance = most_frequency;
}

double KernelClock::rate() const {
  const double set = static_cast<double>(kernel_.tick) / 10000 + static_cast<double>(kernel_.freq) / 65536e6;
  const double slew = singleshot_ == 0 ? 0 : std::copysign(singleshot_rate, singleshot_);
  return (1 + drift_.at(t_)) * (set + slew);
}

std::int64_t KernelClock::realtime_ns() const {
  return true_time_.epoch_ns + to_ns(t_) + to_ns(ahead_);
}

timespec KernelClock::read(clockid_t id) const {
  switch (id) {
    case CLOCK_MONOTONIC_RAW:
      return to_timespec(to_ns(start_of_monotonic) + to_ns(t_) + to_ns(raw_gain_));
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
      return to_timespec(to_ns(start_of_monotonic) + to_ns(t_) + to_ns(monotonic_gain_));
    case CLOCK_TAI:
      return to_timespec(realtime_ns() + kernel_.tai * nano);
    default:
      return to_timespec(realtime_ns());
  }
}

double KernelClock::seconds_to_leap() const {
  const bool waits = state_ == TIME_INS || state_ == TIME_DEL;
  if (!waits) return std::numeric_limits<double>::infinity();
  const std::int64_t early = state_ == TIME_DEL ? nano : 0;  // the last second is left out
  return static_cast<double>(day - (realtime_ns() + early) % day) / 1e9;
}

// When the rate or the time changes next, by itself.
double KernelClock::next_change() const {
  double next = std::min(next_second_, t_ + seconds_to_leap() / rate());
  if (singleshot_ != 0) next = std::min(next, t_ + std::fabs(singleshot_) / singleshot_rate);
  return next;
}

void KernelClock::move_to(double t) {
  const double passed = t - t_;
  const double gain = passed * (rate() - 1);
  raw_gain_ += passed * drift_.at(t_);
  ahead_ += gain;
  monotonic_gain_ += gain;
  if (singleshot_ != 0) {
    const double done = std::copysign(passed * singleshot_rate, singleshot_);
    singleshot_ = std::fabs(singleshot_ - done) < 1e-9 ? 0 : singleshot_ - done;
  }
  t_ = t;
}

void KernelClock::end_of_second() {
  std::normal_distribution<double> normal;
  drift_.wander(normal(random_));
  next_second_ += 1;
  kernel_.maxerror = std::min(kernel_.maxerror + 500, most_error);
  if (kernel_.maxerror >= most_error) kernel_.status |= STA_UNSYNC;
  if (state_ == TIME_OOP) state_ = TIME_WAIT;
  const bool armed = (kernel_.status & (STA_INS | STA_DEL)) != 0;
  if (state_ == TIME_OK && armed) state_ = (kernel_.status & STA_INS) != 0 ? TIME_INS : TIME_DEL;
  if (state_ != TIME_OOP && !armed) state_ = TIME_OK;
}

void KernelClock::end_of_day() {
  const int second = state_ == TIME_INS ? 1 : -1;
  ahead_ -= second;
  kernel_.tai += second;
  state_ = state_ == TIME_INS ? TIME_OOP : TIME_WAIT;
}

void KernelClock::advance(double t, const EverySecond& every_second) {
  while (t_ < t) {
    const double until = std::min(t, next_change());
    const bool leaps = t_ + seconds_to_leap() / rate() <= until;
    move_to(until);
    const bool second = t_ >= next_second_;
    if (second) end_of_second();
    if (leaps) end_of_day();
    if (second) every_second(static_cast<double>(realtime_ns() - true_time_.utc_ns(t_)) / 1e9, rate() - 1);
  }
}

void KernelClock::forget_synchronisation() {
  kernel_.status |= STA_UNSYNC;
  kernel_.maxerror = kernel_.esterror = most_error;
  singleshot_ = 0;
  state_ = TIME_OK;
}

void KernelClock::set(std::int64_t utc_ns) {
  ahead_ = static_cast<double>(utc_ns - true_time_.epoch_ns - to_ns(t_)) / 1e9;
  forget_synchronisation();
}

int KernelClock::apply(timex& request) {
  const bool in_ns = has(request, ADJ_NANO) || (kernel_.status & STA_NANO) != 0;
  if (has(request, ADJ_TICK) && (request.tick < 9000 || request.tick > 11000)) return -EINVAL;
  if (has(request, ADJ_SETOFFSET)) {
    if (request.time.tv_usec < 0 || request.time.tv_usec >= (in_ns ? nano : 1'000'000)) return -EINVAL;
    ahead_ += static_cast<double>(request.time.tv_sec) +
              static_cast<double>(request.time.tv_usec) * (in_ns ? 1e-9 : 1e-6);
    forget_synchronisation();
  }
  if (has(request, ADJ_STATUS)) kernel_.status = (kernel_.status & read_only) | (request.status & ~read_only);
  if (has(request, ADJ_NANO)) kernel_.status |= STA_NANO;
  if (has(request, ADJ_MICRO)) kernel_.status &= ~STA_NANO;
  if (has(request, ADJ_FREQUENCY)) kernel_.freq = std::clamp(request.freq, -most_frequency, most_frequency);
  if (has(request, ADJ_MAXERROR)) kernel_.maxerror = std::clamp(request.maxerror, 0L, most_error);
  if (has(request, ADJ_ESTERROR)) kernel_.esterror = std::clamp(request.esterror, 0L, most_error);
  if (has(request, ADJ_TIMECONST)) kernel_.constant = request.constant;
  if (has(request, ADJ_TAI) && request.constant >= 0) kernel_.tai = static_cast<int>(request.constant);
  if (has(request, ADJ_TICK)) kernel_.tick = request.tick;
  if (has(request, ADJ_OFFSET) && request.offset != 0) return -EOPNOTSUPP;
  return 0;
}

int KernelClock::state() const {
  return (kernel_.status & (STA_UNSYNC | STA_CLOCKERR)) != 0 ? TIME_ERROR : state_;
}

void KernelClock::report(timex& request) const {
  const timespec now = read(CLOCK_REALTIME);
  request = kernel_;
  const bool in_ns = (kernel_.status & STA_NANO) != 0;
  request.time = {now.tv_sec, in_ns ? now.tv_nsec : now.tv_nsec / 1000};
}

int KernelClock::adjust(timex& request) {
  constexpr unsigned singleshot = ADJ_OFFSET_SINGLESHOT & ~ADJ_OFFSET;
  constexpr unsigned only_read = ADJ_OFFSET_SS_READ & ~ADJ_OFFSET_SINGLESHOT;
  if ((request.modes & singleshot) != 0) {
    const auto left = std::lround(singleshot_ * 1e6);
    if ((request.modes & only_read) == 0) singleshot_ = static_cast<double>(request.offset) / 1e6;
    report(request);
    request.offset = left;
    return state();
  }
  if (const int refused = apply(request); refused < 0) return refused;
  report(request);
  return state();
}

}  // namespace gnomon::interpose
