// SPDX-License-Identifier: GPL-2.0-or-later
// What was decided, one line for each decision, for people. Stateless.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gnomon::ctl {

// decided: as engine::DecidedWriter has it.
[[nodiscard]] std::vector<std::string> words_of(std::string_view decided);

}  // namespace gnomon::ctl
