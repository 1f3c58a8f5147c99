// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/primitives/self_test.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace gnomon::ntske {
namespace {

template <std::size_t Size>
using Octets = std::array<std::uint8_t, Size>;

constexpr std::uint8_t nibble(char digit) {
  return static_cast<std::uint8_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

template <std::size_t Size>
constexpr Octets<Size> octets(std::string_view hex) {
  Octets<Size> all{};
  for (std::size_t i = 0; i < Size; ++i)
    all[i] = static_cast<std::uint8_t>(nibble(hex[2 * i]) << 4U | nibble(hex[2 * i + 1]));
  return all;
}

// "abc" (FIPS 180-4, example of NIST), after a block that only shows that a second one continues.
bool sha256_works(const Primitives& primitives) {
  std::array<std::uint32_t, 8> state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const auto begin = state;
  Octets<sha256_block> block{'a', 'b', 'c', 0x80};
  block.back() = 24;
  primitives.sha256(state, block);
  constexpr std::array<std::uint32_t, 8> expected{0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223,
                                                  0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad};
  if (state != expected) return false;
  primitives.sha256(state, block);
  Octets<2 * sha256_block> both{};
  std::ranges::copy(block, both.begin());
  std::ranges::copy(block, both.begin() + sha256_block);
  auto at_once = begin;
  primitives.sha256(at_once, both);
  return at_once == state && state != expected;
}

// RFC 7748 section 6.1; then two shares of our own.
bool x25519_works(const Primitives& primitives) {
  using Value = Octets<x25519_size>;
  constexpr Value alice =
      octets<x25519_size>("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  constexpr Value bob =
      octets<x25519_size>("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  constexpr Value expected =
      octets<x25519_size>("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  Value secret{};
  if (!primitives.x25519_agree(alice, bob, secret) || secret != expected) return false;
  Value own{}, own_public{}, other{}, other_public{}, same{};
  return !primitives.x25519_agree(alice, Value{}, same) && primitives.x25519_generate(own, own_public) &&
         primitives.x25519_generate(other, other_public) && own != other &&
         primitives.x25519_agree(own, other_public, secret) &&
         primitives.x25519_agree(other, own_public, same) && secret == same;
}

// RFC 5903 section 8.1; then two shares of our own.
bool p256_works(const Primitives& primitives) {
  using Value = Octets<p256_size>;
  using Point = Octets<p256_point_size>;
  constexpr Value own_key =
      octets<p256_size>("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433");
  constexpr Point peer = octets<p256_point_size>(
      "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
      "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab");
  constexpr Value expected =
      octets<p256_size>("d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
  Value secret{};
  if (!primitives.p256_agree(own_key, peer, secret) || secret != expected) return false;
  Point elsewhere = peer;
  elsewhere.back() ^= 1U;
  Value own{}, other{}, same{};
  Point own_public{}, other_public{};
  return !primitives.p256_agree(own_key, elsewhere, same) && primitives.p256_generate(own, own_public) &&
         primitives.p256_generate(other, other_public) && own != other &&
         primitives.p256_agree(own, other_public, secret) && primitives.p256_agree(other, own_public, same) &&
         secret == same;
}

}  // namespace

const char* failing_primitive(const Primitives& primitives) {
  if (!sha256_works(primitives)) return "SHA-256";
  if (!x25519_works(primitives)) return "X25519";
  if (!p256_works(primitives)) return "ECDH on P-256";
  return nullptr;
}

}  // namespace gnomon::ntske
