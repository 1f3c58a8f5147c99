// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/render/address_id.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>

namespace gnomon::ctl {

namespace {

using Block = std::array<std::uint32_t, 16>;

// One MD5 block (RFC 1321 section 3.4); the four words of its state, of which the digest begins with the
// first.
std::uint32_t first_word_of_md5(const Block& block) {
  constexpr std::array<std::array<int, 4>, 4> turns{
      {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};
  constexpr std::uint32_t start = 0x67452301;
  std::uint32_t a = start, b = 0xefcdab89, c = 0x98badcfe, d = 0x10325476;
  for (std::uint32_t step = 0; step < 64; ++step) {
    const std::uint32_t round = step / 16;
    const std::uint32_t mixed = round == 0   ? ((b & c) | (~b & d))
                                : round == 1 ? ((d & b) | (~d & c))
                                : round == 2 ? (b ^ c ^ d)
                                             : (c ^ (b | ~d));
    constexpr std::array<std::uint32_t, 4> factor{1, 5, 3, 7}, shift{0, 1, 5, 0};
    const std::uint32_t word = block[(factor[round] * step + shift[round]) % 16];
    const auto constant =
        static_cast<std::uint32_t>(std::floor(std::fabs(std::sin(step + 1.0)) * 4294967296.0));
    const std::uint32_t sum = a + mixed + constant + word;
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, turns[round][step % 4]);
  }
  return start + a;
}

std::uint32_t octet(const base::IpAddress& address, std::size_t index) {
  return address.octets.at(index);
}

// The 16 octets, a one bit, zeros, and the length of 128 bits; MD5 counts words from their lowest octet.
Block padded(const base::IpAddress& address) {
  Block block{};
  for (std::size_t i = 0; i < 16; ++i) block[i / 4] |= octet(address, i) << (8 * (i % 4));
  block[4] = 0x80;
  block[14] = 128;
  return block;
}

}  // namespace

std::uint32_t address_id(const base::IpAddress& address) {
  if (address.family == base::AddressFamily::ipv6) {
    const std::uint32_t word = first_word_of_md5(padded(address));
    return (word << 24) | ((word & 0xff00) << 8) | ((word >> 8) & 0xff00) | (word >> 24);
  }
  if (address.family == base::AddressFamily::unspecified) return 0;
  return (octet(address, 0) << 24) | (octet(address, 1) << 16) | (octet(address, 2) << 8) | octet(address, 3);
}

}  // namespace gnomon::ctl
