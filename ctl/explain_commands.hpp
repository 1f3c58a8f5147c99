// SPDX-License-Identifier: GPL-2.0-or-later
// The commands by which the daemon explains itself: from words to calls.
#pragma once

#include "ctl/command.hpp"

namespace gnomon::ctl {

[[nodiscard]] Made explain(std::string_view name, const Words& words);
[[nodiscard]] Made why_not(std::string_view name, const Words& words);
[[nodiscard]] Made events(std::string_view name, const Words& words);
[[nodiscard]] Made wait_until_good(std::string_view name, const Words& words);
[[nodiscard]] Made report(std::string_view name, const Words& words);
[[nodiscard]] Made record(std::string_view name, const Words& words);
[[nodiscard]] Made watch_daemon(std::string_view name, const Words& words);

}  // namespace gnomon::ctl
