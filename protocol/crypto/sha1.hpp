// SPDX-License-Identifier: GPL-2.0-or-later
// SHA-1 (RFC 3174), for checksums only: of the list of leap seconds.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace gnomon::protocol {

using Sha1 = std::array<std::uint8_t, 20>;
// Throws std::runtime_error when the library cannot.
[[nodiscard]] Sha1 sha1(base::Bytes data);

}  // namespace gnomon::protocol
