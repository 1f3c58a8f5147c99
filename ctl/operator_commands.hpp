// SPDX-License-Identifier: GPL-2.0-or-later
// The words of the commands about the clock, in chronyc's syntax, and of the reports that take words. Pure
// functions, but that settime reads the clock.
#pragma once

#include "ctl/command.hpp"

namespace gnomon::ctl {

[[nodiscard]] Made keygen(std::string_view name, const Words& words);
[[nodiscard]] Made local(std::string_view name, const Words& words);
[[nodiscard]] Made makestep(std::string_view name, const Words& words);
[[nodiscard]] Made manual(std::string_view name, const Words& words);
[[nodiscard]] Made refclocks(std::string_view name, const Words& words);
[[nodiscard]] Made settime(std::string_view name, const Words& words);
[[nodiscard]] Made smoothtime(std::string_view name, const Words& words);
[[nodiscard]] Made waitsync(std::string_view name, const Words& words);

}  // namespace gnomon::ctl
