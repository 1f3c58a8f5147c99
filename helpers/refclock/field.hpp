// SPDX-License-Identifier: GPL-2.0-or-later
// A member of a C structure that another process has written, in this machine's byte order.
#pragma once

#include <cstring>

#include "base/bytes.hpp"

namespace gnomon::refclock {

// at + sizeof(T) is within the octets.
template <class T>
[[nodiscard]] T field(base::Bytes octets, std::size_t at) {
  T value{};
  std::memcpy(&value, octets.subspan(at, sizeof value).data(), sizeof value);
  return value;
}

}  // namespace gnomon::refclock
