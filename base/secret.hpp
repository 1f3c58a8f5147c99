// SPDX-License-Identifier: GPL-2.0-or-later
// A key in memory: moved, never copied; wiped when it is destroyed; it cannot be printed because nothing
// prints it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#include "base/bytes.hpp"

namespace gnomon::base {

// A write that the optimiser may not remove.
inline void wipe(MutableBytes bytes) {
  if (!bytes.empty()) explicit_bzero(bytes.data(), bytes.size());
}

// Up to Capacity octets, kept inside the object, so that no heap block is left behind.
template <std::size_t Capacity>
class SecretUpTo {
 public:
  static constexpr std::size_t capacity = Capacity;

  SecretUpTo() = default;
  // Copies min(bytes.size(), capacity) octets.
  explicit SecretUpTo(Bytes bytes) : size_(std::min(bytes.size(), capacity)) {
    std::copy_n(bytes.begin(), size_, octets_.begin());
  }
  SecretUpTo(SecretUpTo&& other) noexcept : octets_(other.octets_), size_(std::exchange(other.size_, 0)) {
    wipe(other.octets_);
  }
  SecretUpTo& operator=(SecretUpTo&& other) noexcept {
    if (this != &other) {
      octets_ = other.octets_;
      size_ = std::exchange(other.size_, 0);
      wipe(other.octets_);
    }
    return *this;
  }
  SecretUpTo(const SecretUpTo&) = delete;
  SecretUpTo& operator=(const SecretUpTo&) = delete;
  ~SecretUpTo() { wipe(octets_); }

  // The octets, for the moment of use.
  [[nodiscard]] Bytes reveal() const { return Bytes{octets_}.first(size_); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] SecretUpTo duplicate() const { return SecretUpTo{reveal()}; }
  friend bool operator==(const SecretUpTo& a, const SecretUpTo& b) {
    return equal_constant_time(a.reveal(), b.reveal());
  }

 private:
  std::array<std::uint8_t, capacity> octets_{};
  std::size_t size_ = 0;
};

using Secret = SecretUpTo<64>;

}  // namespace gnomon::base
