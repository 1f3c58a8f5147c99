// SPDX-License-Identifier: GPL-2.0-or-later
// The text of a file of `ntskeysecret`, for who reads it and for who checks it without any cryptography.
// Stateless.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace gnomon::protocol {

inline constexpr std::size_t max_secrets = 8;
inline constexpr std::size_t max_secret_file = 8192;  // octets
inline constexpr std::size_t min_secret_size = 32;    // octets

// One secret in each line, in hexadecimal digits; lines that are empty or begin with # are skipped. At least
// one secret, at most max_secrets. To be wiped by the caller. Error: what is wrong, by line, without any of
// its digits.
[[nodiscard]] std::expected<std::vector<base::Buffer>, std::string> octets_of_secrets(std::string_view text);

}  // namespace gnomon::protocol
