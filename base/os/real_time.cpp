// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/real_time.hpp"

#include <sys/mman.h>
#include <sys/resource.h>

namespace gnomon::base {

namespace {

OsResult<void> raise_limit(__rlimit_resource resource, rlim_t wanted) {
  rlimit limit{};
  if (getrlimit(resource, &limit) == 0 && limit.rlim_cur >= wanted) return {};
  limit.rlim_cur = wanted;
  limit.rlim_max = limit.rlim_max > wanted ? limit.rlim_max : wanted;
  if (setrlimit(resource, &limit) != 0) return std::unexpected(last_error("setrlimit"));
  return {};
}

}  // namespace

OsResult<void> lock_memory() {
  if (mlockall(MCL_CURRENT) != 0) return std::unexpected(last_error("mlockall"));
  // Stacks of threads are reserved in megabytes of which they touch kilobytes.
  if (mlockall(MCL_FUTURE | MCL_ONFAULT) != 0) return std::unexpected(last_error("mlockall"));
  return {};
}

OsResult<void> allow_locked_memory() {
  return raise_limit(RLIMIT_MEMLOCK, RLIM_INFINITY);
}

OsResult<void> allow_priority(int priority) {
  return raise_limit(RLIMIT_RTPRIO, static_cast<rlim_t>(priority));
}

}  // namespace gnomon::base
