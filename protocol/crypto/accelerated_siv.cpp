// SPDX-License-Identifier: GPL-2.0-or-later
// AES-SIV-CMAC (RFC 5297) with AES-NI. CMAC is one long dependency, so the MACs of the associated data and of
// all of the plaintext but its end run side by side: only that end waits for the sum of the other strings.
#include "protocol/crypto/aesni.hpp"
#include "protocol/crypto/backend.hpp"

#if defined(__x86_64__)
namespace gnomon::protocol::accelerated {
namespace {

struct SivKey {
  RoundKeys mac;
  RoundKeys counter;
  __m128i subkey_whole;   // CMAC's K1
  __m128i subkey_padded;  // CMAC's K2
  __m128i zero_mac;       // CMAC of a zero block: what S2V starts from
};
static_assert(sizeof(SivKey) <= schedule_size);

SivKey& as_key(base::MutableBytes schedule) {
  return *reinterpret_cast<SivKey*>(schedule.data());  // NOLINT: aligned storage of this size
}
const SivKey& as_key(base::Bytes schedule) {
  return *reinterpret_cast<const SivKey*>(schedule.data());  // NOLINT: the same
}

// Multiplies by x in GF(2^128), first octet most significant (RFC 5297 section 2.3), with no branch.
GNOMON_AESNI_INLINE __m128i doubled(__m128i x) {
  const __m128i reverse = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m128i little = _mm_shuffle_epi8(x, reverse);
  // The top bit of each 32-bit word, as a mask: moved up one word it is a carry of 1; out of the top, 0x87.
  const __m128i carries = _mm_shuffle_epi32(_mm_srai_epi32(little, 31), 0x93);
  const __m128i added = _mm_and_si128(carries, _mm_set_epi32(1, 1, 1, 0x87));
  return _mm_shuffle_epi8(_mm_xor_si128(_mm_slli_epi32(little, 1), added), reverse);
}

// How many octets of a CMAC input come before its last block.
std::size_t leading_size(base::Bytes octets) {
  return octets.empty() ? 0 : (octets.size() - 1) / 16 * 16;
}

// CMAC's padding: 0x80, then zeros.
GNOMON_AESNI_INLINE __m128i padding_after(std::size_t count) {
  return moved_back(_mm_cvtsi32_si128(0x80), count);
}

GNOMON_AESNI_INLINE __m128i last_block(const SivKey& key, base::Bytes octets) {
  const std::size_t count = octets.size() - leading_size(octets);
  if (count == 16) return _mm_xor_si128(load(octets, octets.size() - 16), key.subkey_whole);
  return _mm_xor_si128(_mm_or_si128(load_final(octets, count), padding_after(count)), key.subkey_padded);
}

struct Strings {
  base::Bytes associated;
  base::Bytes nonce;  // empty: not a string of the list
  base::Bytes plaintext;
};

template <int Rounds>
GNOMON_AESNI_INLINE __m128i chain(const SivKey& key, __m128i state, base::Bytes blocks) {
  for (std::size_t at = 0; at < blocks.size(); at += 16)
    state = encrypt<Rounds>(key.mac, _mm_xor_si128(state, load(blocks, at)));
  return state;
}

// Two chains of whole blocks in step; the longer one goes on alone.
template <int Rounds>
GNOMON_AESNI_INLINE void chain_both(const SivKey& key, base::Bytes one, base::Bytes two,
                                    __m128i (&states)[2]) {
  const std::size_t both = std::min(one.size(), two.size());
  for (std::size_t at = 0; at < both; at += 16) {
    states[0] = _mm_xor_si128(states[0], load(one, at));
    states[1] = _mm_xor_si128(states[1], load(two, at));
    encrypt<Rounds>(key.mac, states);
  }
  states[0] = chain<Rounds>(key, states[0], one.subspan(both));
  states[1] = chain<Rounds>(key, states[1], two.subspan(both));
}

// The MAC of the last string with `sum` added to its last 16 octets. `state` has seen all but the final
// 16..31 octets; of a string shorter than a block, nothing.
template <int Rounds>
GNOMON_AESNI_INLINE __m128i finish(const SivKey& key, __m128i state, base::Bytes text, __m128i sum) {
  const std::size_t size = text.size();
  if (size < 16) {
    const __m128i padded = _mm_or_si128(load_final(text, size), padding_after(size));
    const __m128i last = _mm_xor_si128(_mm_xor_si128(padded, doubled(sum)), key.subkey_whole);
    return encrypt<Rounds>(key.mac, _mm_xor_si128(state, last));
  }
  const __m128i end = _mm_xor_si128(load(text, size - 16), sum);
  const std::size_t over = size % 16;
  if (over == 0) return encrypt<Rounds>(key.mac, _mm_xor_si128(state, _mm_xor_si128(end, key.subkey_whole)));
  // The sum lies across the last two blocks.
  const __m128i before = _mm_xor_si128(load(text, size - 16 - over), moved_back(sum, over));
  state = encrypt<Rounds>(key.mac, _mm_xor_si128(state, before));
  const __m128i padded = _mm_or_si128(moved_front(end, 16 - over), padding_after(over));
  return encrypt<Rounds>(key.mac, _mm_xor_si128(state, _mm_xor_si128(padded, key.subkey_padded)));
}

template <int Rounds>
GNOMON_AESNI_INLINE __m128i s2v(const SivKey& key, const Strings& strings) {
  const __m128i zero = _mm_setzero_si128();
  const auto& [associated, nonce, text] = strings;
  const std::size_t early = text.size() < 16 ? 0 : (text.size() - 16) / 16 * 16;
  __m128i states[2] = {zero, zero};
  chain_both<Rounds>(key, associated.first(leading_size(associated)), text.first(early), states);
  const __m128i nonce_state = chain<Rounds>(key, zero, nonce.first(leading_size(nonce)));
  __m128i macs[2] = {_mm_xor_si128(states[0], last_block(key, associated)),
                     _mm_xor_si128(nonce_state, last_block(key, nonce))};
  encrypt<Rounds>(key.mac, macs);
  __m128i sum = _mm_xor_si128(doubled(key.zero_mac), macs[0]);
  if (!nonce.empty()) sum = _mm_xor_si128(doubled(sum), macs[1]);
  return finish<Rounds>(key, states[1], text, sum);
}

// With the top bit of its last 32 bits cleared, the counter cannot carry beyond them in any input we take.
template <int Rounds>
GNOMON_AESNI_INLINE void crypt(const SivKey& key, __m128i tag, base::Bytes in, base::MutableBytes out) {
  const __m128i swap = _mm_set_epi8(12, 13, 14, 15, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __m128i first = _mm_shuffle_epi8(
      _mm_and_si128(tag, _mm_set_epi32(static_cast<int>(0xffffff7fU), static_cast<int>(0xffffff7fU), -1, -1)),
      swap);
  counter_mode<Rounds>(key.counter, in, out, [&](std::uint32_t number) GNOMON_AESNI {
    return _mm_shuffle_epi8(_mm_add_epi32(first, _mm_set_epi32(static_cast<int>(number), 0, 0, 0)), swap);
  });
}

template <int Rounds>
GNOMON_AESNI void seal(const SivKey& key, const Strings& strings, base::MutableBytes out) {
  const __m128i tag = s2v<Rounds>(key, strings);
  store(tag, out);
  crypt<Rounds>(key, tag, strings.plaintext, out.subspan(16));
}

template <int Rounds>
GNOMON_AESNI bool open(const SivKey& key, Strings strings, base::Bytes ciphertext, base::MutableBytes out) {
  const __m128i tag = load(ciphertext);
  crypt<Rounds>(key, tag, ciphertext.subspan(16), out);
  strings.plaintext = out;
  return equal(tag, s2v<Rounds>(key, strings));
}

template <int Rounds>
GNOMON_AESNI_INLINE void prepare_subkeys(SivKey& key) {
  const __m128i zero = _mm_setzero_si128();
  key.subkey_whole = doubled(encrypt<Rounds>(key.mac, zero));
  key.subkey_padded = doubled(key.subkey_whole);
  key.zero_mac = encrypt<Rounds>(key.mac, key.subkey_whole);
}

}  // namespace

GNOMON_AESNI void siv_prepare(base::Bytes key, base::MutableBytes schedule) {
  auto& prepared = as_key(schedule);
  if (key.size() == 32) {
    expand_128(load(key, 0), prepared.mac);
    expand_128(load(key, 16), prepared.counter);
    prepare_subkeys<aes_128_rounds>(prepared);
  } else {
    expand_256(load(key, 0), load(key, 16), prepared.mac);
    expand_256(load(key, 32), load(key, 48), prepared.counter);
    prepare_subkeys<aes_256_rounds>(prepared);
  }
}

void siv_seal(std::size_t key_size, base::Bytes schedule, base::Bytes nonce, base::Bytes associated,
              base::Bytes plaintext, base::MutableBytes out) {
  const Strings strings{associated, nonce, plaintext};
  if (key_size == 32)
    seal<aes_128_rounds>(as_key(schedule), strings, out);
  else
    seal<aes_256_rounds>(as_key(schedule), strings, out);
}

bool siv_open(std::size_t key_size, base::Bytes schedule, base::Bytes nonce, base::Bytes associated,
              base::Bytes ciphertext, base::MutableBytes out) {
  const Strings strings{associated, nonce, {}};
  if (key_size == 32) return open<aes_128_rounds>(as_key(schedule), strings, ciphertext, out);
  return open<aes_256_rounds>(as_key(schedule), strings, ciphertext, out);
}

}  // namespace gnomon::protocol::accelerated
#endif
