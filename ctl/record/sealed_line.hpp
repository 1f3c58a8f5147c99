// SPDX-License-Identifier: GPL-2.0-or-later
// A line of a record's file: numbered, and with a check sum over the rest of it, so that an octet that was
// altered is found and named by its line.
//
//   {"check":"89abcdef","line":7,"kind":...}
//
// check: CRC-32 (IEEE 802.3) of everything behind its comma, to the end of the line. Stateless.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace gnomon::ctl {

// object: a JSON object that begins with its kind. With the line break.
[[nodiscard]] std::string sealed(std::uint64_t number, std::string_view object);

// What is behind the number, `"kind":...}`, of a line without its line break. Error: a clause.
[[nodiscard]] std::expected<std::string_view, std::string> unsealed(std::uint64_t number,
                                                                    std::string_view line);

[[nodiscard]] std::uint32_t crc32(std::string_view octets);

}  // namespace gnomon::ctl
