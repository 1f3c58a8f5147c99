// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/probe/roles/own_clock.hpp"

#include <sys/timex.h>

namespace gnomon::ctl::probe {

OwnClock read_own_clock() {
  ntptimeval reading{};
  const int state = ntp_gettime(&reading);  // of any user
  if (state < 0 || state == TIME_ERROR) return {};
  return {.synchronised = true, .max_error = base::Seconds{static_cast<double>(reading.maxerror) * 1e-6}};
}

}  // namespace gnomon::ctl::probe
