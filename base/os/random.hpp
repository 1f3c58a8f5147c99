// SPDX-License-Identifier: GPL-2.0-or-later
// Randomness from the kernel.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>

#include "base/bytes.hpp"

namespace gnomon::base {

// Fills all of it with getrandom(2), or throws std::system_error: there is no weaker randomness to fall back
// on.
void fill_random(MutableBytes bytes);

template <std::unsigned_integral T>
[[nodiscard]] T random_number() {
  std::array<std::uint8_t, sizeof(T)> octets{};
  fill_random(octets);
  return std::bit_cast<T>(octets);
}

}  // namespace gnomon::base
