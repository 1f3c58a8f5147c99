// SPDX-License-Identifier: GPL-2.0-or-later
// A span of time as chrony's options give it: a power of two in seconds.
#pragma once

#include <cmath>
#include <compare>
#include <cstdint>

#include "base/time.hpp"

namespace gnomon::base {

struct Log2Seconds {
  std::int8_t value = 0;  // -32..32 in any configuration
  friend constexpr auto operator<=>(const Log2Seconds&, const Log2Seconds&) = default;
  [[nodiscard]] Seconds seconds() const { return Seconds{std::ldexp(1.0, value)}; }
};

}  // namespace gnomon::base
