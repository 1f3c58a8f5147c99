// SPDX-License-Identifier: GPL-2.0-or-later
// AES with the processor's instructions, for the accelerated AEADs only. Every function carries its target,
// so that no code outside them is compiled for more than the architecture's base.
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/bytes.hpp"
#include "base/secret.hpp"

#define GNOMON_AESNI __attribute__((target("aes,pclmul,sse4.1")))
#define GNOMON_AESNI_INLINE __attribute__((target("aes,pclmul,sse4.1"), always_inline)) inline

namespace gnomon::protocol::accelerated {

constexpr int aes_128_rounds = 10;
constexpr int aes_256_rounds = 14;

struct RoundKeys {
  __m128i key[aes_256_rounds + 1];  // AES-128 uses the first eleven
};

GNOMON_AESNI_INLINE __m128i load(base::Bytes octets, std::size_t at = 0) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(octets.subspan(at, 16).data()));  // NOLINT: SSE
}

GNOMON_AESNI_INLINE void store(__m128i block, base::MutableBytes octets, std::size_t at = 0) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(octets.subspan(at, 16).data()), block);  // NOLINT: SSE
}

// Shuffles: as many steps left or right of the middle 16 as the octets shall move; 0x80 makes a zero.
alignas(16) inline constexpr std::uint8_t moves[48] = {
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0,    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,   13,   14,   15,
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80};

// The first `count` octets (at most 16) go, zeros follow.
GNOMON_AESNI_INLINE __m128i moved_front(__m128i block, std::size_t count) {
  return _mm_shuffle_epi8(block, load(moves, 16 + count));
}

// `count` zeros (at most 16) come first, then as many of the octets as there is room for.
GNOMON_AESNI_INLINE __m128i moved_back(__m128i block, std::size_t count) {
  return _mm_shuffle_epi8(block, load(moves, 16 - count));
}

// The final `count` octets (at most 16) of a string, then zeros. No copy through memory where the string has
// a whole block to load: a load right after narrower stores waits for them.
GNOMON_AESNI_INLINE __m128i load_final(base::Bytes octets, std::size_t count) {
  if (octets.size() >= 16) return moved_front(load(octets, octets.size() - 16), 16 - count);
  std::array<std::uint8_t, 16> block{};
  if (!octets.empty()) std::memcpy(block.data(), octets.data(), octets.size());
  return moved_front(load(block), octets.size() - count);
}

// N blocks side by side: the rounds of one hide the latency of the others'.
template <int Rounds, std::size_t N>
GNOMON_AESNI_INLINE void encrypt(const RoundKeys& keys, __m128i (&blocks)[N]) {
  for (auto& block : blocks) block = _mm_xor_si128(block, keys.key[0]);
  for (int round = 1; round < Rounds; ++round)
    for (auto& block : blocks) block = _mm_aesenc_si128(block, keys.key[round]);
  for (auto& block : blocks) block = _mm_aesenclast_si128(block, keys.key[Rounds]);
}

template <int Rounds>
GNOMON_AESNI_INLINE __m128i encrypt(const RoundKeys& keys, __m128i block) {
  __m128i one[1] = {block};
  encrypt<Rounds>(keys, one);
  return one[0];
}

// SubWord of the last column in all four columns (rotated for the steps that want it), plus the round
// constant. With equal columns ShiftRows changes nothing, so the last round is SubBytes and an addition.
GNOMON_AESNI_INLINE __m128i substituted_column(__m128i key, bool rotate, int round_constant) {
  const __m128i column = rotate ? _mm_set1_epi32(0x0c0f0e0d) : _mm_set1_epi32(0x0f0e0d0c);
  return _mm_aesenclast_si128(_mm_shuffle_epi8(key, column), _mm_set1_epi32(round_constant));
}

// Each column plus all columns before it, plus the substituted one (FIPS 197 section 5.2).
GNOMON_AESNI_INLINE __m128i next_key(__m128i key, __m128i substituted) {
  key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
  key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
  return _mm_xor_si128(key, substituted);
}

GNOMON_AESNI_INLINE void expand_128(__m128i key, RoundKeys& keys) {
  keys.key[0] = key;
  int constant = 1;
  for (int i = 1; i <= aes_128_rounds; ++i) {
    key = next_key(key, substituted_column(key, true, constant));
    keys.key[i] = key;
    constant = (constant << 1) ^ ((constant & 0x80) != 0 ? 0x11b : 0);
  }
}

GNOMON_AESNI_INLINE void expand_256(__m128i first, __m128i second, RoundKeys& keys) {
  keys.key[0] = first;
  keys.key[1] = second;
  for (int i = 2; i <= aes_256_rounds; ++i) {
    const bool even = i % 2 == 0;
    const auto substituted = substituted_column(keys.key[i - 1], even, even ? 1 << (i / 2 - 1) : 0);
    keys.key[i] = next_key(keys.key[i - 2], substituted);
  }
}

// out = in plus the key stream of N counter blocks at a time; `add` makes counter block number i.
template <int Rounds, typename Add>
GNOMON_AESNI_INLINE void counter_mode(const RoundKeys& keys, base::Bytes in, base::MutableBytes out,
                                      Add add) {
  constexpr std::size_t lanes = 8;
  std::size_t at = 0;
  for (std::uint32_t number = 0; at < in.size(); number += lanes) {
    __m128i stream[lanes];
    for (std::uint32_t i = 0; i < lanes; ++i) stream[i] = add(number + i);
    encrypt<Rounds>(keys, stream);
    for (std::size_t i = 0; i < lanes && at < in.size(); ++i, at += 16) {
      const std::size_t count = std::min<std::size_t>(16, in.size() - at);
      if (count == 16) {
        store(_mm_xor_si128(load(in, at), stream[i]), out, at);
        continue;
      }
      std::array<std::uint8_t, 16> last{};
      std::memcpy(last.data(), in.subspan(at).data(), count);
      store(_mm_xor_si128(load(last), stream[i]), last);
      std::memcpy(out.subspan(at).data(), last.data(), count);
    }
  }
}

GNOMON_AESNI_INLINE bool equal(__m128i a, __m128i b) {
  return _mm_movemask_epi8(_mm_cmpeq_epi8(a, b)) == 0xffff;
}

}  // namespace gnomon::protocol::accelerated
#endif
