// SPDX-License-Identifier: GPL-2.0-or-later
// Preloaded into strangers that end when they may not steer the clock: each such call reads the clock's state instead
// and says that all is well. Nothing is set; the capability is gone anyway.
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

int clock_adjtime(clockid_t clock, struct timex *state) {
  state->modes = 0;
  return (int)syscall(SYS_clock_adjtime, clock, state);
}
int adjtimex(struct timex *state) { return clock_adjtime(CLOCK_REALTIME, state); }
int ntp_adjtime(struct timex *state) { return clock_adjtime(CLOCK_REALTIME, state); }
int clock_settime(clockid_t clock, const struct timespec *time) {
  (void)clock;
  (void)time;
  return 0;
}
