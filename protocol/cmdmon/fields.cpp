// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/cmdmon/fields.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gnomon::protocol::cmdmon {

namespace {

constexpr int coefficient_bits = 25;
constexpr int least_exponent = -64;
constexpr int largest_exponent = 63;
constexpr std::int32_t largest_coefficient = (1 << (coefficient_bits - 1)) - 1;

enum class Family : std::uint16_t { unspecified = 0, ipv4 = 1, ipv6 = 2, id = 3 };

constexpr std::uint32_t packed(int exponent, std::int32_t coefficient) {
  constexpr std::uint32_t mask = (1U << coefficient_bits) - 1;
  return (static_cast<std::uint32_t>(exponent) << coefficient_bits) |
         (static_cast<std::uint32_t>(coefficient) & mask);
}

}  // namespace

std::uint32_t to_float(double value) {
  if (std::isnan(value)) return 0;
  int exponent = 0;
  static_cast<void>(std::frexp(value, &exponent));  // |value| < 2^exponent
  exponent = std::max(exponent + 1, least_exponent);
  auto coefficient = std::round(std::ldexp(value, coefficient_bits - exponent));
  if (std::fabs(coefficient) > largest_coefficient) {  // rounded up to the next power of two
    coefficient /= 2;
    ++exponent;
  }
  if (coefficient == 0) return 0;
  if (exponent > largest_exponent || std::isinf(value))
    return packed(largest_exponent, value < 0 ? -largest_coefficient - 1 : largest_coefficient);
  return packed(exponent, static_cast<std::int32_t>(coefficient));
}

double from_float(std::uint32_t octets) {
  const auto exponent = static_cast<std::int32_t>(octets) >> coefficient_bits;
  const auto coefficient =
      static_cast<std::int32_t>(octets << (32 - coefficient_bits)) >> (32 - coefficient_bits);
  return std::ldexp(coefficient, exponent - coefficient_bits);
}

Address FieldReader::address() {
  const auto bytes = octets(16);
  const auto family = static_cast<Family>(reader_.read<std::uint16_t>().value_or(0));
  static_cast<void>(octets(2));
  if (bytes.size() != 16) return {};
  switch (family) {
    case Family::ipv4:
      return {.ip = base::from_octets(bytes.first(4)), .id = {}};
    case Family::ipv6:
      return {.ip = base::from_octets(bytes), .id = {}};
    case Family::id:
      return {.ip = {}, .id = base::ByteReader{bytes}.read<std::uint32_t>()};
    case Family::unspecified:
      break;
  }
  return {};
}

base::RealTime FieldReader::time() {
  constexpr std::uint32_t no_high_part = 0x7fffffff;
  constexpr std::int64_t last_second = std::numeric_limits<std::int64_t>::max() / 1'000'000'000 - 1;
  const std::uint32_t high = u32();
  const std::uint64_t low = u32();
  const std::uint64_t nanos = std::min(u32(), 999'999'999U);
  const auto seconds =
      static_cast<std::int64_t>((std::uint64_t{high == no_high_part ? 0 : high} << 32U) | low);
  const auto within = std::clamp(seconds, -last_second, last_second);
  return base::RealTime{base::Duration{within * 1'000'000'000 + static_cast<std::int64_t>(nanos)}};
}

void FieldWriter::address(const Address& address) {
  const auto start = size();
  auto family = Family::unspecified;
  if (address.id) {
    family = Family::id;
    u32(*address.id);
  } else if (address.ip.is_specified()) {
    family = address.ip.family == base::AddressFamily::ipv4 ? Family::ipv4 : Family::ipv6;
    octets(address.ip.bytes());
  }
  zeros(16 - (size() - start));
  u16(static_cast<std::uint16_t>(family));
  u16(0);
}

void FieldWriter::time(base::RealTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  u64(static_cast<std::uint64_t>(whole.time_since_epoch().count()));
  u32(static_cast<std::uint32_t>((time - whole).count()));
}

void FieldWriter::age(const std::optional<base::Duration>& age) {
  constexpr std::uint32_t never = 0xffffffff;
  if (!age) return u32(never);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*age).count();
  u32(static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 0, never - 1)));
}

void FieldWriter::ones(std::size_t count) {
  std::ranges::fill(writer_.reserve(count), std::uint8_t{0xff});
}

}  // namespace gnomon::protocol::cmdmon
