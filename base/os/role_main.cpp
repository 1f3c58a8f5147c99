// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/role_main.hpp"

#include <unistd.h>

#include <exception>
#include <vector>

namespace gnomon::base {

std::expected<void, RoleFailure> begin_role(const Confinement& confinement) {
  ignore_termination_signals();
  if (const auto confined = confine(confinement); !confined)
    return std::unexpected(RoleFailure{1, "cannot give up its privileges: " + to_string(confined.error())});
  return {};
}

int role_main(const char* name, std::span<char* const> arguments, Role& role) {
  StreamLog log{STDERR_FILENO, log_format_of(STDERR_FILENO)};
  const auto complain = [&](const std::string& why) { log.error(std::string{name} + ": " + why); };
  try {
    const std::vector<std::string> words{arguments.begin() + 1, arguments.end()};
    const auto status = role(words, log);
    if (status) return *status;
    complain(status.error().why);
    return status.error().exit_status;
  } catch (const std::exception& error) {
    complain(error.what());
    return 1;
  }
}

}  // namespace gnomon::base
