// SPDX-License-Identifier: GPL-2.0-or-later
// The configuration on its way from the file to gnomon-core.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "config/command_line.hpp"
#include "config/parse.hpp"

namespace gnomon::launcher {

// The whole of what the user gave, or everything that is wrong with it: lines for standard error.
[[nodiscard]] std::expected<config::Parsed, std::vector<std::string>> read_configuration(
    const config::CommandLine& options, const config::FileAccess& files);

// The effective lines in memory that nobody can change any more, to be read from its beginning.
[[nodiscard]] base::OsResult<base::Fd> sealed_copy(const std::vector<config::EffectiveLine>& lines);

}  // namespace gnomon::launcher
