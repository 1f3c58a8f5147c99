// SPDX-License-Identifier: GPL-2.0-or-later
// The command reload: the call, and what came of it as text.
#pragma once

#include <string>
#include <string_view>

#include "ctl/command.hpp"

namespace gnomon::ctl {

// Answered when certificates and keys have been read.
[[nodiscard]] Made rekey(std::string_view name, const Words& words);
[[nodiscard]] Made reload(std::string_view name, const Words& words);
// Mistakes as check-config shows them; else what has changed, or would.
[[nodiscard]] std::string render_reload(const Reply& reply, const View& view);

}  // namespace gnomon::ctl
