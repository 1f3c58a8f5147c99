// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/real_time.hpp"

#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/number.hpp"
#include "base/os/file.hpp"

namespace gnomon::base {

namespace {

OsResult<CapabilitySet> raise_limit(__rlimit_resource resource, rlim_t wanted, CapabilitySet otherwise) {
  rlimit limit{};
  if (getrlimit(resource, &limit) == 0 && limit.rlim_cur >= wanted) return 0;
  limit.rlim_cur = wanted;
  limit.rlim_max = std::max(limit.rlim_max, wanted);
  if (setrlimit(resource, &limit) == 0) return 0;
  const auto refused = last_error("setrlimit");
  if ((effective_capabilities() & otherwise) == otherwise) return otherwise;
  return std::unexpected(refused);
}

bool may_lock_what_comes() {
  rlimit limit{};
  return getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY;
}

// Its lines begin with "from-to ", hexadecimal.
void unlock_stack() {
  const auto maps = read_file("/proc/self/maps");
  if (!maps) return;
  const auto name = maps->find("[stack]\n");
  if (name == std::string::npos) return;
  const auto start = maps->rfind('\n', name) + 1;  // 0 in the first line
  const auto line = std::string_view{*maps}.substr(start, name - start);
  const auto dash = line.find('-');
  const auto from = parse_number<std::uintptr_t>(line.substr(0, dash), {}, 16);
  const auto to = parse_number<std::uintptr_t>(line.substr(dash + 1, line.find(' ') - dash - 1), {}, 16);
  if (from && to) (void)munlock(reinterpret_cast<void*>(*from), *to - *from);  // NOLINT: the kernel's word
}

}  // namespace

OsResult<void> lock_memory() {
  if (mlockall(MCL_CURRENT) != 0) return std::unexpected(last_error("mlockall"));
  if (!may_lock_what_comes()) {
    unlock_stack();
    return {};
  }
  // Stacks of threads are reserved in megabytes of which they touch kilobytes.
  if (mlockall(MCL_FUTURE | MCL_ONFAULT) != 0) return std::unexpected(last_error("mlockall"));
  return {};
}

OsResult<CapabilitySet> allow_locked_memory() {
  return raise_limit(RLIMIT_MEMLOCK, RLIM_INFINITY, capability(CAP_IPC_LOCK));
}

OsResult<CapabilitySet> allow_priority(int priority) {
  return raise_limit(RLIMIT_RTPRIO, static_cast<rlim_t>(priority), capability(CAP_SYS_NICE));
}

}  // namespace gnomon::base
