// SPDX-License-Identifier: GPL-2.0-or-later
// The words of the commands about sources, in chronyc's syntax. Pure functions.
#pragma once

#include "ctl/command.hpp"

namespace gnomon::ctl {

[[nodiscard]] Made add_source(std::string_view name, const Words& words);
[[nodiscard]] Made burst(std::string_view name, const Words& words);
// The name is that of the option.
[[nodiscard]] Made modify_source(std::string_view name, const Words& words);
[[nodiscard]] Made ntpdata(std::string_view name, const Words& words);
[[nodiscard]] Made select_options(std::string_view name, const Words& words);
[[nodiscard]] Made sourcename(std::string_view name, const Words& words);

}  // namespace gnomon::ctl
