// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/sandbox/role_main.hpp"

#include <sys/prctl.h>

#include <exception>
#include <string>
#include <vector>

namespace gnomon::base {

std::expected<void, RoleFailure> begin_role(const Confinement& confinement) {
  ignore_termination_signals();
  if (const auto confined = confine(confinement); !confined)
    return std::unexpected(RoleFailure{1, "cannot drop its privileges: " + to_string(confined.error()),
                                       LogEvent::role_not_confined});
  return {};
}

int role_main(std::string_view name, std::span<char* const> arguments, Role& role) {
  prctl(PR_SET_NAME, std::string{name}.c_str());  // executed by descriptor it has a number for a name
  ProcessLog log{name.substr(name.find('-') + 1)};
  log.move_journal();
  const auto complain = [&](LogEvent event, const std::string& why) {
    log.write(event, std::string{name} + ": " + why);
  };
  try {
    const std::vector<std::string> words{arguments.begin() + 1, arguments.end()};
    const auto status = role(words, log);
    if (status) return *status;
    complain(status.error().event, status.error().why);
    return status.error().exit_status;
  } catch (const std::exception& error) {
    complain(LogEvent::role_failed, error.what());
    return 1;
  }
}

}  // namespace gnomon::base
