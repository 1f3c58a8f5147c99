// SPDX-License-Identifier: GPL-2.0-or-later
// Fresh randomness for a moment: wiped by whoever holds it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/os/random.hpp"
#include "base/secret.hpp"

namespace gnomon::core {

template <std::size_t Size>
class RandomOctets {
 public:
  RandomOctets() { base::fill_random(octets_); }
  ~RandomOctets() { base::wipe(octets_); }
  RandomOctets(const RandomOctets&) = delete;
  RandomOctets& operator=(const RandomOctets&) = delete;
  [[nodiscard]] base::Bytes bytes() const { return octets_; }

 private:
  std::array<std::uint8_t, Size> octets_{};
};

}  // namespace gnomon::core
