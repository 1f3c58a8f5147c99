// SPDX-License-Identifier: GPL-2.0-or-later
// Certificate and key files, read as a whole while the role still may, with an error that a person can act
// on.
#pragma once

#include <expected>
#include <string>

#include "base/bytes.hpp"

namespace gnomon::ntske {

inline constexpr std::size_t max_pem_size = 8U << 20U;

// The error names the file and the reason.
[[nodiscard]] std::expected<base::Buffer, std::string> read_pem_file(const std::string& path);

}  // namespace gnomon::ntske
