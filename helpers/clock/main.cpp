// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-clock: the one process that may set the system clock, and can do nothing else.
#include <linux/capability.h>

#include "base/os/credentials.hpp"
#include "base/os/sandbox/role_main.hpp"
#include "helpers/clock/program.hpp"

using namespace gnomon;

namespace {

std::expected<int, base::RoleFailure> run(std::span<const std::string> words, base::ProcessLog& log) {
  const bool capable = (base::effective_capabilities() & base::capability(CAP_SYS_TIME)) != 0;
  base::KernelClock kernel;
  return clock::run(words, kernel, capable, log);
}

}  // namespace

int main(int count, char** arguments) {
  return base::role_main("gnomon-clock", {arguments, static_cast<std::size_t>(count)}, run);
}
