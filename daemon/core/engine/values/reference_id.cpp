// SPDX-License-Identifier: GPL-2.0-or-later
// MD5 of one 16-octet message (RFC 1321): an identifier on the wire, not a security mechanism.
#include "daemon/core/engine/values/reference_id.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace gnomon::engine {

namespace {

using Block = std::array<std::uint32_t, 16>;  // little-endian words

constexpr std::array<std::array<int, 4>, 4> rotations{
    {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

std::uint32_t mix(unsigned round, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  switch (round) {
    case 0:
      return (b & c) | (~b & d);
    case 1:
      return (d & b) | (~d & c);
    case 2:
      return b ^ c ^ d;
    default:
      return c ^ (b | ~d);
  }
}

unsigned word_index(unsigned round, unsigned step) {
  constexpr std::array<unsigned, 4> factor{1, 5, 3, 7};
  constexpr std::array<unsigned, 4> start{0, 1, 5, 0};
  return (factor[round] * step + start[round]) % 16;
}

std::uint32_t sine_constant(unsigned step) {
  return static_cast<std::uint32_t>(std::floor(std::fabs(std::sin(step + 1.0)) * 4294967296.0));
}

// Word a of the digest, as octets in order.
std::uint32_t first_word_of_md5(const Block& block) {
  constexpr std::uint32_t a0 = 0x67452301;
  std::uint32_t a = a0;
  std::uint32_t b = 0xefcdab89;
  std::uint32_t c = 0x98badcfe;
  std::uint32_t d = 0x10325476;
  for (unsigned step = 0; step < 64; ++step) {
    const unsigned round = step / 16;
    const std::uint32_t sum = a + mix(round, b, c, d) + sine_constant(step) + block[word_index(round, step)];
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, rotations[round][step % 4]);
  }
  return __builtin_bswap32(a0 + a);
}

}  // namespace

bool is_loopback_id(base::ReferenceId id) {
  constexpr std::uint32_t pseudo = 0x7f7f;
  static const base::ReferenceId ipv6 = [] {
    base::IpAddress address{.family = base::AddressFamily::ipv6};
    address.octets.back() = 1;
    return reference_id_of(address);
  }();
  return (id.value >> 24U == 127 && id.value >> 16U != pseudo) || id == ipv6;
}

bool is_private_id(base::ReferenceId id) {
  struct Block {
    std::uint32_t start;
    unsigned bits;
  };
  constexpr std::array blocks{Block{0x0a000000, 8}, Block{0xac100000, 12}, Block{0xc0a80000, 16},
                              Block{0x64400000, 10}, Block{0xa9fe0000, 16}};
  return std::ranges::any_of(
      blocks, [id](const Block& block) { return (id.value ^ block.start) >> (32 - block.bits) == 0; });
}

bool is_private(const base::IpAddress& address) {
  if (address.is_loopback()) return true;
  if (address.family == base::AddressFamily::ipv4) return is_private_id(reference_id_of(address));
  // Unique local (RFC 4193) and link-local.
  return (address.octets[0] & 0xfeU) == 0xfc ||
         (address.octets[0] == 0xfe && (address.octets[1] & 0xc0U) == 0x80);
}

base::ReferenceId reference_id_of(const base::IpAddress& address) {
  if (!address.is_specified()) return {};
  if (address.family == base::AddressFamily::ipv4) {
    base::ByteReader reader(address.bytes());
    return {reader.read<std::uint32_t>().value_or(0)};
  }
  Block block{};
  for (unsigned i = 0; i < 16; ++i)
    block[i / 4] |= static_cast<std::uint32_t>(address.octets[i]) << (8U * (i % 4));
  block[4] = 0x80;     // padding begins
  block[14] = 16 * 8;  // message length in bits
  return {first_word_of_md5(block)};
}

base::ReferenceId reference_id_of_text(std::string_view text) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = (value << 8U) | (i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0U);
  return {value};
}

std::string text_of(base::ReferenceId id) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto octet = (id.value >> static_cast<unsigned>(shift)) & 0xffU;
    if (octet > 0x20 && octet < 0x7f) text += static_cast<char>(octet);
  }
  return text;
}

std::string letters_of(base::ReferenceId code) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto letter = static_cast<char>((code.value >> static_cast<unsigned>(shift)) & 0xffU);
    if (letter >= 'A' && letter <= 'Z') text += letter;
  }
  return text.size() == 4 ? text : std::string{};
}

}  // namespace gnomon::engine
