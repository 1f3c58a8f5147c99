// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-clock: the one process that may set the system clock, and can do nothing else.
#include <linux/capability.h>
#include <unistd.h>

#include <exception>
#include <vector>

#include "base/os/credentials.hpp"
#include "helpers/clock/program.hpp"

using namespace gnomon;

int main(int count, char** arguments) {
  base::StreamLog log{STDERR_FILENO, base::log_format_of(STDERR_FILENO)};
  try {
    const std::vector<std::string> words{arguments + 1, arguments + count};
    const bool capable = (base::effective_capabilities() & base::capability(CAP_SYS_TIME)) != 0;
    base::KernelClock kernel;
    return clock::run(words, kernel, capable, log);
  } catch (const std::exception& error) {
    log.error(error.what());
    return 1;
  }
}
