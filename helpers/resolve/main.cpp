// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-resolve: names to addresses, for a core that may not ask the network itself.
#include <unistd.h>

#include <exception>

#include "helpers/resolve/sandbox.hpp"
#include "helpers/resolve/serve.hpp"

using namespace gnomon;

namespace {

int run(std::span<const std::string> words, base::Log& log) {
  const auto setup = ipc::from_arguments<ipc::ResolveSetup>(words);
  if (!setup) {
    log.error("gnomon-resolve: " + setup.error());
    return 2;
  }
  base::ignore_termination_signals();
  const auto confined = base::confine(resolve::confinement(setup->identity));
  if (!confined) {
    log.error("gnomon-resolve cannot give up its privileges: " + base::to_string(confined.error()));
    return 1;
  }
  return resolve::serve(ipc::role_channel_fd, log);
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
