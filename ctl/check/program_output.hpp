// SPDX-License-Identifier: GPL-2.0-or-later
// Runs another program of ours and reads what it prints.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace gnomon::ctl {

// Where a role's program is: in the folder that the package put it in, or in a build directory. nullopt: not
// there.
[[nodiscard]] std::optional<std::string> installed_program(const std::string& name,
                                                           const std::string& folder_in_build);

// Its standard output, when it ended with status 0; standard input and error are /dev/null.
[[nodiscard]] std::optional<std::string> output_of(const std::string& program,
                                                   const std::vector<std::string>& words);

}  // namespace gnomon::ctl
