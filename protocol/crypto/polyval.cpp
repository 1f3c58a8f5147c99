// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/crypto/polyval.hpp"

#include <algorithm>

namespace gnomon::protocol {
namespace {

std::uint64_t load_little(base::Bytes octets) {
  std::uint64_t value = 0;
  for (std::size_t i = octets.size(); i > 0; --i) value = (value << 8U) | octets[i - 1];
  return value;
}

// Every fourth bit of a word, from bit `first`.
constexpr std::uint64_t every_fourth(unsigned first) {
  return 0x1111111111111111ULL << first;
}

// The low 64 bits of the carry-less product. Ordinary multiplication of words that have only every fourth
// bit: up to 15 ones meet in a place and their count stays within its four bits; in the last place it may be
// 16, and that carry leaves the word.
std::uint64_t multiply_low(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  for (unsigned place = 0; place < 4; ++place) {
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < 4; ++i) sum ^= (a & every_fourth(i)) * (b & every_fourth((place - i) & 3U));
    product |= sum & every_fourth(place);
  }
  return product;
}

std::uint64_t reverse_bits(std::uint64_t x) {
  x = ((x >> 1U) & 0x5555555555555555ULL) | ((x & 0x5555555555555555ULL) << 1U);
  x = ((x >> 2U) & 0x3333333333333333ULL) | ((x & 0x3333333333333333ULL) << 2U);
  x = ((x >> 4U) & 0x0f0f0f0f0f0f0f0fULL) | ((x & 0x0f0f0f0f0f0f0f0fULL) << 4U);
  return __builtin_bswap64(x);
}

// Mirrored factors give the mirrored product, so its high half is the low half of that.
FieldElement multiply_words(std::uint64_t a, std::uint64_t b) {
  return {multiply_low(a, b), reverse_bits(multiply_low(reverse_bits(a), reverse_bits(b))) >> 1U};
}

// a * b * x^-128 modulo x^128 + x^127 + x^126 + x^121 + 1. Adding word * polynomial clears the lowest word,
// twice; what is left is the product divided by x^128.
FieldElement dot(FieldElement a, FieldElement b) {
  const auto low = multiply_words(a.low, b.low);
  const auto high = multiply_words(a.high, b.high);
  const auto middle = multiply_words(a.low ^ a.high, b.low ^ b.high);  // Karatsuba
  const std::uint64_t word0 = low.low;
  std::uint64_t word1 = low.high ^ middle.low ^ low.low ^ high.low;
  std::uint64_t word2 = high.low ^ middle.high ^ low.high ^ high.high;
  std::uint64_t word3 = high.high;
  word1 ^= (word0 << 57U) ^ (word0 << 62U) ^ (word0 << 63U);
  word2 ^= word0 ^ (word0 >> 7U) ^ (word0 >> 2U) ^ (word0 >> 1U);
  word2 ^= (word1 << 57U) ^ (word1 << 62U) ^ (word1 << 63U);
  word3 ^= word1 ^ (word1 >> 7U) ^ (word1 >> 2U) ^ (word1 >> 1U);
  return {word2, word3};
}

}  // namespace

Polyval::Polyval(base::Bytes key) : key_{load_little(key.first(8)), load_little(key.subspan(8, 8))} {}

void Polyval::absorb(FieldElement block) {
  sum_ = dot({sum_.low ^ block.low, sum_.high ^ block.high}, key_);
}

void Polyval::update(base::Bytes data) {
  for (std::size_t at = 0; at < data.size(); at += 16) {
    const auto block = data.subspan(at, std::min<std::size_t>(16, data.size() - at));
    const auto low = block.first(std::min<std::size_t>(8, block.size()));
    absorb({load_little(low), load_little(block.subspan(low.size()))});
  }
}

void Polyval::update_lengths(std::uint64_t associated, std::uint64_t plaintext) {
  absorb({associated * 8, plaintext * 8});
}

std::array<std::uint8_t, 16> Polyval::result() const {
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < 8; ++i) {
    octets[i] = static_cast<std::uint8_t>(sum_.low >> (8 * i));
    octets[i + 8] = static_cast<std::uint8_t>(sum_.high >> (8 * i));
  }
  return octets;
}

}  // namespace gnomon::protocol
