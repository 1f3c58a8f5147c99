// SPDX-License-Identifier: GPL-2.0-or-later
// Views of octets, and the only code that reads or writes them at an offset: every access is bounds-checked.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gnomon::base {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

// Reads big-endian (network order) values one after the other. A read past the end fails and moves nothing.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : bytes_(bytes) {}

  template <std::unsigned_integral T>
  [[nodiscard]] std::optional<T> read() {
    if (remaining() < sizeof(T)) return std::nullopt;
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>((value << 8U) | bytes_[position_ + i]);
    position_ += sizeof(T);
    return value;
  }

  [[nodiscard]] std::optional<Bytes> take(std::size_t count) {
    if (remaining() < count) return std::nullopt;
    const Bytes taken = bytes_.subspan(position_, count);
    position_ += count;
    return taken;
  }

  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - position_; }
  [[nodiscard]] bool empty() const { return remaining() == 0; }

 private:
  Bytes bytes_;
  std::size_t position_ = 0;
};

// Writes big-endian values into memory it does not own. The first write that does not fit sets failed() and
// nothing is written from then on, so that a caller checks once, at the end.
class ByteWriter {
 public:
  explicit ByteWriter(MutableBytes into) : into_(into) {}

  template <std::unsigned_integral T>
  void write(T value) {
    const auto at = reserve(sizeof(T));
    if (at.size() != sizeof(T)) return;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      at[i] = static_cast<std::uint8_t>(value >> (8U * (sizeof(T) - 1 - i)));
  }

  void write(Bytes bytes) {
    const auto at = reserve(bytes.size());
    for (std::size_t i = 0; i < at.size(); ++i) at[i] = bytes[i];
  }

  void write_zeros(std::size_t count) {
    for (auto& octet : reserve(count)) octet = 0;
  }

  // The next `count` octets, to be filled by the caller; empty when they do not fit.
  MutableBytes reserve(std::size_t count) {
    if (failed_ || into_.size() - position_ < count) {
      failed_ = true;
      return {};
    }
    const auto at = into_.subspan(position_, count);
    position_ += count;
    return at;
  }

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::size_t size() const { return position_; }
  [[nodiscard]] Bytes written() const { return into_.first(position_); }

 private:
  MutableBytes into_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

// Time taken does not depend on where the two differ. Different lengths are unequal.
[[nodiscard]] bool equal_constant_time(Bytes a, Bytes b);

[[nodiscard]] std::string to_hex(Bytes bytes);  // lower case
[[nodiscard]] std::optional<Buffer> from_hex(
    std::string_view text);  // either case; odd length or another character fails
[[nodiscard]] inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};  // NOLINT: octets of a string
}

[[nodiscard]] constexpr std::size_t round_up_to_4(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

}  // namespace gnomon::base
