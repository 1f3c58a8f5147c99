// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/scheduling.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/os/real_time.hpp"

namespace gnomon::launcher {
namespace {

constexpr int highest_priority = 99;  // of SCHED_FIFO; chrony's 100 means it, too

std::unexpected<std::string> not_scheduled(std::string_view what, const base::OsError& error,
                                           std::string_view remedy) {
  return std::unexpected(fmt::format("Could not {}: {}; {}", what, base::to_string(error), remedy));
}

}  // namespace

bool locks_memory(const config::Config& config, const config::CommandLine& options) {
  return options.lock_memory || config.process.lock_all;
}

int priority_of(Program program, const config::Config& config, const config::CommandLine& options) {
  if (program != Program::core && program != Program::clock) return 0;
  return std::min(options.priority.value_or(config.process.sched_priority), highest_priority);
}

std::expected<base::CapabilitySet, std::string> prepare_scheduling(const config::Config& config,
                                                                   const config::CommandLine& options) {
  base::CapabilitySet needed = 0;
  if (const int priority = priority_of(Program::core, config, options); priority > 0) {
    const auto allowed = base::allow_priority(priority);
    if (!allowed)
      return not_scheduled(
          fmt::format("allow the real-time priority {}", priority), allowed.error(),
          "start as root, set LimitRTPRIO= in the unit, or leave out `sched_priority` and -P");
    needed |= *allowed;
  }
  if (!locks_memory(config, options)) return needed;
  const auto allowed = base::allow_locked_memory();
  const auto locked = allowed ? base::lock_memory() : std::unexpected(allowed.error());
  if (!locked)
    return not_scheduled(
        "lock the memory", locked.error(),
        "start as root, set LimitMEMLOCK=infinity in the unit, or leave out `lock_all` and -m");
  return needed | *allowed;
}

}  // namespace gnomon::launcher
