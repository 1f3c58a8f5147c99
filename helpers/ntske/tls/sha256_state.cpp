// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/tls/sha256_state.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace gnomon::ntske {
namespace {

constexpr std::size_t length_at = sha256_block - sizeof(std::uint64_t);

template <class Number>
std::array<std::uint8_t, sizeof(Number)> big_endian(Number number) {
  if constexpr (std::endian::native == std::endian::little) number = std::byteswap(number);
  return std::bit_cast<std::array<std::uint8_t, sizeof(Number)>>(number);
}

using State = std::span<std::uint32_t, 8>;

std::span<std::uint8_t, sha256_block> buffer_of(wc_Sha256& hash) {
  return std::span<std::uint8_t, sha256_block>{reinterpret_cast<std::uint8_t*>(hash.buffer),
                                               sha256_block};  // NOLINT: octets
}

void count(wc_Sha256& hash, std::size_t octets) {
  const auto total = (static_cast<std::uint64_t>(hash.hiLen) << 32U | hash.loLen) + octets;
  hash.hiLen = static_cast<word32>(total >> 32U);
  hash.loLen = static_cast<word32>(total);
}

// As many as the buffer still takes; what is left.
Input into_buffer(wc_Sha256& hash, Input octets) {
  const auto space = buffer_of(hash).subspan(hash.buffLen);
  const auto taken = std::min(space.size(), octets.size());
  std::copy_n(octets.begin(), taken, space.begin());
  hash.buffLen += static_cast<word32>(taken);
  return octets.subspan(taken);
}

void compress_buffer(const Primitives& primitives, wc_Sha256& hash) {
  primitives.sha256(State{hash.digest}, buffer_of(hash));
  hash.buffLen = 0;
}

}  // namespace

void add_octets(const Primitives& primitives, wc_Sha256& hash, Input octets) {
  count(hash, octets.size());
  if (hash.buffLen > 0) {
    octets = into_buffer(hash, octets);
    if (hash.buffLen == sha256_block) compress_buffer(primitives, hash);
  }
  const auto whole = octets.size() / sha256_block * sha256_block;
  if (whole > 0) primitives.sha256(State{hash.digest}, octets.first(whole));
  into_buffer(hash, octets.subspan(whole));
}

int finish(const Primitives& primitives, wc_Sha256& hash, std::uint8_t* digest) {
  const auto bits = (static_cast<std::uint64_t>(hash.hiLen) << 32U | hash.loLen) << 3U;
  const auto buffer = buffer_of(hash);
  buffer[hash.buffLen++] = 0x80;
  if (hash.buffLen > length_at) {
    std::ranges::fill(buffer.subspan(hash.buffLen), std::uint8_t{0});
    compress_buffer(primitives, hash);
  }
  std::ranges::fill(buffer.subspan(hash.buffLen), std::uint8_t{0});
  std::ranges::copy(big_endian(bits), buffer.begin() + length_at);
  compress_buffer(primitives, hash);
  for (const auto word : hash.digest) {
    const auto octets = big_endian(static_cast<std::uint32_t>(word));
    digest = std::ranges::copy(octets, digest).out;
  }
  return wc_InitSha256_ex(&hash, hash.heap, hash.devId);
}

}  // namespace gnomon::ntske
