// SPDX-License-Identifier: GPL-2.0-or-later
// Finds gnomon-primitives.so and tries it before anything depends on it.
#pragma once

#include <expected>
#include <string>

#include "helpers/ntske/primitives/primitives.hpp"

namespace gnomon::ntske {

// The module beside the program that runs. It stays loaded. The error names the file and the reason.
[[nodiscard]] std::expected<const Primitives*, std::string> load_primitives();
[[nodiscard]] std::expected<const Primitives*, std::string> load_primitives(const std::string& path);

}  // namespace gnomon::ntske
