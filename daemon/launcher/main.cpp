// SPDX-License-Identifier: GPL-2.0-or-later
// gnomond: reads its command line and configuration, then starts the roles and watches them.
#include <csignal>
#include <span>

#include "base/os/clocks.hpp"
#include "base/os/spawn.hpp"
#include "daemon/launcher/daemon.hpp"
#include "daemon/launcher/invocation.hpp"

using namespace gnomon;

int main(int argc, char** argv) {
  base::reset_signals();
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error (EFBIG), as a full disk is
  return launcher::invoke({argv, static_cast<std::size_t>(argc)}, "gnomond",
                          [](const config::CommandLine& options, const config::Parsed& parsed) {
                            // Whoever reads the messages may be gone before the start is over.
                            std::signal(SIGPIPE, SIG_IGN);  // NOLINT(bugprone-signal-handler): no handler
                            const base::MachineClock clock;
                            launcher::StartLog log{options, clock};
                            return launcher::run_daemon(options, parsed, log, clock);
                          });
}
