// SPDX-License-Identifier: GPL-2.0-or-later
// The calls that read, set and steer clocks.
#include <sys/random.h>
#include <sys/time.h>
#include <sys/timex.h>

#include "tests/sim/interpose/machine.hpp"
#include "tests/sim/interpose/real.hpp"

using gnomon::interpose::Machine;
using gnomon::interpose::returned;

namespace {

bool is_modelled(clockid_t id) {
  return id != CLOCK_PROCESS_CPUTIME_ID && id != CLOCK_THREAD_CPUTIME_ID && id >= 0;
}

int set_to(std::int64_t seconds, std::int64_t nanoseconds) {
  if (seconds < 0 || nanoseconds < 0 || nanoseconds >= 1'000'000'000) return returned(-EINVAL);
  Machine::instance().clock().set(seconds * 1'000'000'000 + nanoseconds);
  return 0;
}

}  // namespace

GNOMON_INTERPOSED int clock_gettime(clockid_t id, timespec* result) {
  GNOMON_REAL(clock_gettime);
  if (!is_modelled(id)) return real_clock_gettime(id, result);
  *result = Machine::instance().read(id);
  return 0;
}

GNOMON_INTERPOSED int gettimeofday(timeval* result, void* zone) {
  static_cast<void>(zone);
  const timespec now = Machine::instance().read(CLOCK_REALTIME);
  *result = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

GNOMON_INTERPOSED time_t time(time_t* result) {
  const timespec now = Machine::instance().read(CLOCK_REALTIME);
  if (result != nullptr) *result = now.tv_sec;
  return now.tv_sec;
}

GNOMON_INTERPOSED int clock_settime(clockid_t id, const timespec* to) {
  return id == CLOCK_REALTIME ? set_to(to->tv_sec, to->tv_nsec) : returned(-EINVAL);
}

GNOMON_INTERPOSED int settimeofday(const timeval* to, const struct timezone*) {
  return to == nullptr ? 0 : set_to(to->tv_sec, std::int64_t{to->tv_usec} * 1000);
}

GNOMON_INTERPOSED int clock_adjtime(clockid_t id, timex* request) {
  return returned(id == CLOCK_REALTIME ? Machine::instance().clock().adjust(*request) : -EINVAL);
}

GNOMON_INTERPOSED int adjtimex(timex* request) {
  return clock_adjtime(CLOCK_REALTIME, request);
}

GNOMON_INTERPOSED int ntp_adjtime(timex* request) {
  return clock_adjtime(CLOCK_REALTIME, request);
}

GNOMON_INTERPOSED int adjtime(const timeval* delta, timeval* before) {
  timex request{};
  request.modes = delta == nullptr ? ADJ_OFFSET_SS_READ : ADJ_OFFSET_SINGLESHOT;
  if (delta != nullptr) request.offset = delta->tv_sec * 1'000'000 + delta->tv_usec;
  if (clock_adjtime(CLOCK_REALTIME, &request) < 0) return -1;
  if (before != nullptr) *before = {request.offset / 1'000'000, request.offset % 1'000'000};
  return 0;
}

// From the seed: the same run again draws the same.
GNOMON_INTERPOSED ssize_t getrandom(void* octets, size_t size, unsigned) {
  Machine::instance().fill_random(static_cast<std::uint8_t*>(octets), size);
  return static_cast<ssize_t>(size);
}

GNOMON_INTERPOSED int getentropy(void* octets, size_t size) {
  Machine::instance().fill_random(static_cast<std::uint8_t*>(octets), size);
  return 0;
}
