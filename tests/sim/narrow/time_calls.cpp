// SPDX-License-Identifier: GPL-2.0-or-later
// The clock, off by NARROW_OFFSET seconds until the program steps it; and the calls that do not exist here.
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "tests/sim/narrow/narrow.hpp"

namespace gnomon::narrow {

namespace {

constexpr std::int64_t second = 1'000'000'000;

// Nanoseconds by which our clock is ahead.
std::int64_t& offset() {
  static std::int64_t value = [] {
    const char* const wanted = std::getenv("NARROW_OFFSET");
    return wanted == nullptr ? 0 : std::strtol(wanted, nullptr, 10) * second;
  }();
  return value;
}

timex& kernel() {
  static timex state{.modes = 0, .tick = 10000};
  return state;
}

__attribute__((destructor)) void tell_offset() {
  std::fprintf(stderr, "narrow: the clock is off by %.3f s\n", static_cast<double>(offset()) * 1e-9);
}

}  // namespace

int timer = -1;

void refuse(const char* call, const char* why) {
  std::fprintf(stderr, "narrow: %s: %s\n", call, why);
  _exit(99);
}

}  // namespace gnomon::narrow

using namespace gnomon::narrow;

NARROW_CALL int clock_gettime(clockid_t id, timespec* time) noexcept {
  NARROW_REAL(clock_gettime);
  if (id != CLOCK_REALTIME && id != CLOCK_MONOTONIC) refuse("clock_gettime", "a clock that is not simulated");
  const int done = real_clock_gettime(id, time);
  if (id == CLOCK_MONOTONIC || done != 0) return done;
  const auto now = time->tv_sec * second + time->tv_nsec + offset();
  *time = {now / second, now % second};
  return 0;
}

NARROW_CALL int clock_adjtime(clockid_t, timex* request) noexcept {
  timex& state = kernel();
  if ((request->modes & ADJ_FREQUENCY) != 0) state.freq = request->freq;
  if ((request->modes & ADJ_TICK) != 0) state.tick = request->tick;
  if ((request->modes & ADJ_STATUS) != 0) state.status = request->status;
  if ((request->modes & ADJ_SETOFFSET) != 0)
    offset() +=
        request->time.tv_sec * second + request->time.tv_usec * ((request->modes & ADJ_NANO) != 0 ? 1 : 1000);
  *request = state;
  return TIME_OK;
}

NARROW_CALL int epoll_create1(int) noexcept {
  refuse("epoll_create1", "not simulated");
}
NARROW_CALL int epoll_wait(int, epoll_event*, int, int) {
  refuse("epoll_wait", "not simulated");
}
NARROW_CALL int eventfd(unsigned, int) noexcept {
  refuse("eventfd", "not simulated");
}
NARROW_CALL int timerfd_create(clockid_t clock, int flags) noexcept {
  NARROW_REAL(timerfd_create);
  if (flags != 0) refuse("timerfd_create", "flags are not simulated");
  return gnomon::narrow::timer = real_timerfd_create(clock, flags);
}
NARROW_CALL int ppoll(pollfd*, nfds_t, const timespec*, const sigset_t*) {
  refuse("ppoll", "not simulated");
}
NARROW_CALL int pselect(int, fd_set*, fd_set*, fd_set*, const timespec*, const sigset_t*) {
  refuse("pselect", "not simulated");
}
NARROW_CALL int sendmmsg(int, mmsghdr*, unsigned, int) {
  refuse("sendmmsg", "not simulated");
}
NARROW_CALL int pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*) noexcept {
  refuse("pthread_create", "simulated time has room for one thread");
}
