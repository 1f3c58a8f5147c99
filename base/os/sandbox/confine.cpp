// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/sandbox/confine.hpp"

#include <csignal>

#include "base/os/real_time.hpp"
#include "base/os/sandbox/journal_calls.hpp"

namespace gnomon::base {

OsResult<LandlockState> confine(const Confinement& confinement) {
  if (confinement.lock_memory)
    if (const auto locked = lock_memory(); !locked) return std::unexpected(locked.error());
  if (const auto dropped = drop_privileges(confinement.user, confinement.keep); !dropped)
    return std::unexpected(dropped.error());
  const auto landlock =
      sandbox_possible ? install_landlock(confinement.files) : OsResult<LandlockState>{LandlockState{}};
  if (!landlock) return landlock;
  if (confinement.before_filter) confinement.before_filter();
  if constexpr (!sandbox_possible) return landlock;
  if (const auto installed = install_seccomp(closed_to_others_than_the_journal(confinement.calls),
                                             confinement.mode, confinement.who, confinement.others);
      !installed)
    return std::unexpected(installed.error());
  return landlock;
}

void ignore_termination_signals() {
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGXFSZ}) std::signal(number, SIG_IGN);
}

}  // namespace gnomon::base
