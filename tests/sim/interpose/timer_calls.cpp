// SPDX-License-Identifier: GPL-2.0-or-later
// Timer descriptors. The real one behind each is never armed.
#include <sys/timerfd.h>

#include <algorithm>

#include "tests/sim/interpose/machine.hpp"
#include "tests/sim/interpose/real.hpp"

using gnomon::interpose::Machine;
using gnomon::interpose::returned;
using gnomon::interpose::Timer;

namespace {

double seconds(const timespec& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

timespec to_timespec(double s) {
  const auto whole = static_cast<time_t>(s);
  return {whole, static_cast<long>((s - static_cast<double>(whole)) * 1e9)};
}

itimerspec left_of(const Timer& timer) {
  const double left = timer.at > 0 ? std::max(timer.at - Machine::instance().clock().monotonic(), 1e-9) : 0;
  return {to_timespec(timer.interval), to_timespec(left)};
}

}  // namespace

GNOMON_INTERPOSED int timerfd_create(clockid_t id, int flags) {
  GNOMON_REAL(timerfd_create);
  const int descriptor = real_timerfd_create(id, flags);
  if (descriptor >= 0) Machine::instance().open_timer(descriptor, id);
  return descriptor;
}

GNOMON_INTERPOSED int timerfd_settime(int descriptor, int flags, const itimerspec* to, itimerspec* before) {
  Machine& machine = Machine::instance();
  Timer* const timer = machine.timer(descriptor);
  if (timer == nullptr) return returned(-EBADF);
  if (before != nullptr) *before = left_of(*timer);
  timer->expired = 0;
  timer->at = 0;
  timer->interval = seconds(to->it_interval);
  double left = seconds(to->it_value);
  if (left <= 0) return 0;
  if ((static_cast<unsigned>(flags) & TFD_TIMER_ABSTIME) != 0) {
    const timespec now = machine.clock().read(timer->clock);
    left = static_cast<double>(to->it_value.tv_sec - now.tv_sec) +
           static_cast<double>(to->it_value.tv_nsec - now.tv_nsec) * 1e-9;
  }
  timer->at = machine.clock().monotonic() + std::max(left, 0.0) + 1e-12;
  return 0;
}

GNOMON_INTERPOSED int timerfd_gettime(int descriptor, itimerspec* result) {
  const Timer* const timer = Machine::instance().timer(descriptor);
  if (timer == nullptr) return returned(-EBADF);
  *result = left_of(*timer);
  return 0;
}
