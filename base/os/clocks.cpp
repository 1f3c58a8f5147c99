// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/clocks.hpp"

#include <ctime>

namespace gnomon::base {

namespace {

Duration read(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return std::chrono::seconds{t.tv_sec} + Duration{t.tv_nsec};
}

}  // namespace

Now read_now() {
  return {RealTime{read(CLOCK_REALTIME)}, MonoTime{read(CLOCK_MONOTONIC)}};
}

}  // namespace gnomon::base
