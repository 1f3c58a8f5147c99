// SPDX-License-Identifier: GPL-2.0-or-later
// The fields of our messages' bodies; private to ipc/. The first field that is missing or out of range makes
// the reader fail for good, so that a codec checks once, at the end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"

namespace gnomon::ipc {

enum class TextKind : std::uint8_t {
  printable,  // ASCII 0x20..0x7e
  name        // a host name or literal address: anything but control characters and space
};

class FieldReader {
 public:
  explicit FieldReader(base::Bytes body) : bytes_(body) {}

  template <std::unsigned_integral T>
  T number() {
    const auto value = bytes_.read<T>();
    failed_ = failed_ || !value;
    return value.value_or(T{});
  }
  template <std::unsigned_integral T>
  T number_in(T low, T high) {
    const T value = number<T>();
    require(value >= low && value <= high);
    return value;
  }
  // Enumerators count up from 0 without a gap; `last` is the greatest.
  template <class E>
  E enumerator(E last) {
    const auto value = number<std::uint8_t>();
    const bool known = value <= static_cast<std::uint8_t>(last);
    require(known);
    return known ? static_cast<E>(value) : E{};
  }
  bool flag() { return number_in<std::uint8_t>(0, 1) == 1; }
  std::int64_t signed_64() { return static_cast<std::int64_t>(number<std::uint64_t>()); }
  std::int64_t signed_64_in(std::int64_t low, std::int64_t high);
  std::int32_t signed_32() { return static_cast<std::int32_t>(number<std::uint32_t>()); }
  std::int16_t signed_16() { return static_cast<std::int16_t>(number<std::uint16_t>()); }
  base::Duration duration_in(base::Duration low, base::Duration high);
  base::Duration duration();  // any but the least, whose negative there is not
  base::Bytes octets(std::size_t count);
  base::Buffer block(std::size_t low, std::size_t high);               // u16 length, octets
  std::string text(std::size_t low, std::size_t high, TextKind kind);  // u8 length, characters
  base::IpAddress address();
  base::Endpoint endpoint();
  std::vector<base::IpAddress> addresses(std::uint8_t most);  // u8 count, 1..most, each specified

  void require(bool condition) { failed_ = failed_ || !condition; }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool complete() const { return !failed_ && bytes_.empty(); }

 private:
  base::ByteReader bytes_;
  bool failed_ = false;
};

void write_flag(base::ByteWriter& out, bool value);
void write_signed(base::ByteWriter& out, std::int64_t value);
void write_signed(base::ByteWriter& out, std::int32_t value);
void write_signed(base::ByteWriter& out, std::int16_t value);
void write_block(base::ByteWriter& out, base::Bytes block);
void write_text(base::ByteWriter& out, std::string_view text);  // above 255 characters the writer fails
void write_address(base::ByteWriter& out, const base::IpAddress& address);
void write_endpoint(base::ByteWriter& out, const base::Endpoint& endpoint);
void write_addresses(base::ByteWriter& out, const std::vector<base::IpAddress>& addresses);

// At most `limit` characters, what is not printable ASCII as '?': for texts that people read.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit);

}  // namespace gnomon::ipc
