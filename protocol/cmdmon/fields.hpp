// SPDX-License-Identifier: GPL-2.0-or-later
// The field types of chrony's control protocol, from and to octets in network order.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"

namespace gnomon::protocol::cmdmon {

// An address of a source, or its number while it has none; neither: unspecified.
struct Address {
  base::IpAddress ip;
  std::optional<std::uint32_t> id;
  friend bool operator==(const Address&, const Address&) = default;
  [[nodiscard]] bool is_specified() const { return id || ip.is_specified(); }
};
inline constexpr std::size_t address_size = 20;

// 7 bits of signed exponent, 25 bits of signed coefficient: coefficient * 2^(exponent - 25). What is too
// large becomes the largest there is, what is too small or no number becomes zero.
[[nodiscard]] std::uint32_t to_float(double value);
[[nodiscard]] double from_float(std::uint32_t octets);

// Reads field after field. The caller has compared the size before: what is missing reads as zero.
class FieldReader {
 public:
  explicit FieldReader(base::Bytes bytes) : reader_(bytes) {}
  [[nodiscard]] std::uint32_t u32() { return reader_.read<std::uint32_t>().value_or(0); }
  [[nodiscard]] std::int32_t i32() { return static_cast<std::int32_t>(u32()); }
  [[nodiscard]] double number() { return from_float(u32()); }
  // Another family than IPv4, IPv6 and a source's number is as good as none.
  [[nodiscard]] Address address();
  // Seconds in two halves, and nanoseconds. What lies beyond RealTime's range becomes its end.
  [[nodiscard]] base::RealTime time();
  [[nodiscard]] base::Bytes octets(std::size_t count) { return reader_.take(count).value_or(base::Bytes{}); }
  [[nodiscard]] std::size_t position() const { return reader_.position(); }

 private:
  base::ByteReader reader_;
};

class FieldWriter {
 public:
  explicit FieldWriter(base::MutableBytes into) : writer_(into) {}
  void u8(std::uint8_t value) { writer_.write(value); }
  void u16(std::uint16_t value) { writer_.write(value); }
  void u32(std::uint32_t value) { writer_.write(value); }
  void u64(std::uint64_t value) { writer_.write(value); }
  void number(double value) { writer_.write(to_float(value)); }
  void address(const Address& address);
  void time(base::RealTime time);
  // Whole seconds; nullopt: never, which is all ones.
  void age(const std::optional<base::Duration>& age);
  void octets(base::Bytes bytes) { writer_.write(bytes); }
  void zeros(std::size_t count) { writer_.write_zeros(count); }
  void ones(std::size_t count);
  [[nodiscard]] std::size_t size() const { return writer_.size(); }
  [[nodiscard]] bool failed() const { return writer_.failed(); }

 private:
  base::ByteWriter writer_;
};

}  // namespace gnomon::protocol::cmdmon
