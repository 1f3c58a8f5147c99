// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-clock: the one process that may set the system clock, and can do nothing else.
#include <linux/capability.h>
#include <unistd.h>

#include <exception>

#include "helpers/clock/loop.hpp"
#include "helpers/clock/sandbox.hpp"

using namespace gnomon;

namespace {

int run(std::span<const std::string> words, base::Log& log) {
  const auto setup = ipc::from_arguments<ipc::ClockSetup>(words);
  if (!setup) {
    log.error("gnomon-clock: " + setup.error());
    return 2;
  }
  base::ignore_termination_signals();
  const bool capable = (base::effective_capabilities() & base::capability(CAP_SYS_TIME)) != 0;
  const auto confined = base::confine(clock::confinement(setup->identity));
  if (!confined) {
    log.error("gnomon-clock cannot give up its privileges: " + base::to_string(confined.error()));
    return 1;
  }
  base::KernelClock kernel;
  // The capability counts only where the kernel accepts it, which it does not inside a user namespace.
  const bool may_adjust = capable && clock::probe_permission(kernel);
  if (may_adjust) clock::take_over(kernel, log);
  clock::ClockService service{kernel, log, setup->budget, may_adjust};
  return clock::serve(ipc::role_channel_fd, service, kernel, log);
}

}  // namespace

int main(int count, char** arguments) {
  base::StreamLog log{STDERR_FILENO, base::log_format_of(STDERR_FILENO)};
  try {
    const std::vector<std::string> words{arguments + 1, arguments + count};
    return run(words, log);
  } catch (const std::exception& error) {
    log.error(error.what());
    return 1;
  }
}
