// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

namespace gnomon::launcher {

base::OsResult<Signals> Signals::open() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&wanted, signal);
  sigprocmask(SIG_BLOCK, &wanted, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT(bugprone-signal-handler): SIG_IGN is no handler of ours
  Signals signals;
  signals.readable_ = base::Fd{signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK)};
  if (!signals.readable_) return std::unexpected(base::last_error("signalfd"));
  return signals;
}

std::optional<Ordered> Signals::take() {
  signalfd_siginfo info{};
  if (read(readable_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return std::nullopt;
  return info.ssi_signo == SIGHUP ? Ordered::reload : Ordered::stop;
}

}  // namespace gnomon::launcher
