// SPDX-License-Identifier: GPL-2.0-or-later
// The commands that concern gnomonctl itself and no daemon: dns, timeout, retries, quit.
#pragma once

#include "ctl/command.hpp"

namespace gnomon::ctl {

// -n|+n|-4|-6|-46
[[nodiscard]] Made dns(std::string_view name, const Words& words);
// MILLISECONDS
[[nodiscard]] Made timeout(std::string_view name, const Words& words);
// COUNT: a stream socket loses nothing, so that it is only checked
[[nodiscard]] Made retries(std::string_view name, const Words& words);
[[nodiscard]] Made quit(std::string_view name, const Words& words);

}  // namespace gnomon::ctl
