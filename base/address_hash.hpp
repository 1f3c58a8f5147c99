// SPDX-License-Identifier: GPL-2.0-or-later
// Spreads addresses over a table so that nobody outside can choose which ones share a place. Stateless.
#pragma once

#include <cstdint>

#include "base/address.hpp"

namespace gnomon::base {

// `seed`: random, kept secret. The scope does not count. Not the same on machines of another byte order.
[[nodiscard]] std::uint64_t seeded_hash(const IpAddress& address, std::uint64_t seed);

}  // namespace gnomon::base
