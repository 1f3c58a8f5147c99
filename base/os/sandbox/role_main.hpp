// SPDX-License-Identifier: GPL-2.0-or-later
// What the main functions of the roles share: their arguments, a log on standard error, and the handling of
// failures.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "base/os/log.hpp"
#include "base/os/sandbox/confine.hpp"

namespace gnomon::base {

struct RoleFailure {
  int exit_status = 1;
  std::string why;  // a clause for the log
  LogEvent event = LogEvent::role_failed;
};
[[nodiscard]] inline std::unexpected<RoleFailure> bad_words(std::string why) {
  return std::unexpected(RoleFailure{2, std::move(why), LogEvent::role_misused});
}

// As confine(), with the signals that roles do not end by.
[[nodiscard]] std::expected<void, RoleFailure> begin_role(const Confinement& confinement);

// The role's work: its words are main's arguments without the program's name. The value is the exit status.
using Role = std::expected<int, RoleFailure>(std::span<const std::string> words, ProcessLog& log);
// Failures and exceptions are logged behind the role's name, "gnomon-core"; the latter end it with
// status 1.
[[nodiscard]] int role_main(std::string_view name, std::span<char* const> arguments, Role& role);

}  // namespace gnomon::base
