// SPDX-License-Identifier: GPL-2.0-or-later
// AES-128-GCM-SIV (RFC 8452) with AES-NI and carry-less multiplication.
#include "protocol/crypto/aesni.hpp"
#include "protocol/crypto/backend.hpp"

#if defined(__x86_64__)
namespace gnomon::protocol::accelerated {
namespace {

constexpr int rounds = aes_128_rounds;
static_assert(sizeof(RoundKeys) <= schedule_size);

// The keys of one nonce (section 4).
struct NonceKeys {
  __m128i authentication;
  RoundKeys encryption;
  ~NonceKeys() {
    base::wipe({reinterpret_cast<std::uint8_t*>(this), sizeof *this});  // NOLINT: its octets
  }
};

GNOMON_AESNI_INLINE __m128i load_nonce(base::Bytes nonce) {
  std::uint64_t first = 0;
  std::uint32_t rest = 0;
  std::memcpy(&first, nonce.first(8).data(), 8);
  std::memcpy(&rest, nonce.subspan(8, 4).data(), 4);
  return _mm_set_epi64x(rest, static_cast<long long>(first));
}

GNOMON_AESNI_INLINE void derive(base::Bytes schedule, __m128i nonce, NonceKeys& keys) {
  const auto& master = *reinterpret_cast<const RoundKeys*>(schedule.data());  // NOLINT: aligned storage
  const __m128i suffix = _mm_slli_si128(nonce, 4);
  __m128i halves[4];
  for (int i = 0; i < 4; ++i) halves[i] = _mm_or_si128(suffix, _mm_set_epi32(0, 0, 0, i));
  encrypt<rounds>(master, halves);
  keys.authentication = _mm_unpacklo_epi64(halves[0], halves[1]);
  expand_128(_mm_unpacklo_epi64(halves[2], halves[3]), keys.encryption);
}

struct Product {
  __m128i low;
  __m128i high;
};

GNOMON_AESNI_INLINE Product multiply(__m128i a, __m128i b) {
  const __m128i middle = _mm_xor_si128(_mm_clmulepi64_si128(a, b, 0x10), _mm_clmulepi64_si128(a, b, 0x01));
  return {_mm_xor_si128(_mm_clmulepi64_si128(a, b, 0x00), _mm_slli_si128(middle, 8)),
          _mm_xor_si128(_mm_clmulepi64_si128(a, b, 0x11), _mm_srli_si128(middle, 8))};
}

GNOMON_AESNI_INLINE Product sum(Product a, Product b) {
  return {_mm_xor_si128(a.low, b.low), _mm_xor_si128(a.high, b.high)};
}

// The product times x^-128 modulo the polynomial, whose upper half is 0xc2 << 56: clears the lowest 64 bits,
// twice.
GNOMON_AESNI_INLINE __m128i reduce(Product product) {
  const __m128i polynomial = _mm_set_epi64x(static_cast<long long>(0xc200000000000000ULL), 0);
  __m128i low = product.low;
  for (int i = 0; i < 2; ++i)
    low = _mm_xor_si128(_mm_shuffle_epi32(low, 0x4e), _mm_clmulepi64_si128(low, polynomial, 0x10));
  return _mm_xor_si128(product.high, low);
}

// POLYVAL four blocks at a time with the powers of its key: one reduction, not four in a row.
class Hash {
 public:
  GNOMON_AESNI_INLINE explicit Hash(__m128i key) {
    powers_[0] = key;
    for (int i = 1; i < 4; ++i) powers_[i] = reduce(multiply(powers_[i - 1], key));
  }

  GNOMON_AESNI_INLINE void update(base::Bytes data) {
    std::size_t at = 0;
    for (; data.size() - at >= 64; at += 64) {
      Product total = multiply(_mm_xor_si128(sum_, load(data, at)), powers_[3]);
      for (std::size_t i = 1; i < 4; ++i)
        total = sum(total, multiply(load(data, at + 16 * i), powers_[3 - i]));
      sum_ = reduce(total);
    }
    for (; data.size() - at >= 16; at += 16) absorb(load(data, at));
    if (at < data.size()) absorb(load_final(data, data.size() - at));
  }

  GNOMON_AESNI_INLINE void absorb(__m128i block) {
    sum_ = reduce(multiply(_mm_xor_si128(sum_, block), powers_[0]));
  }

  GNOMON_AESNI_INLINE __m128i result() const { return sum_; }

 private:
  __m128i powers_[4];
  __m128i sum_ = _mm_setzero_si128();
};

long long bits(base::Bytes octets) {
  return static_cast<long long>(octets.size()) * 8;
}

GNOMON_AESNI_INLINE __m128i make_tag(const NonceKeys& keys, __m128i nonce, base::Bytes associated,
                                     base::Bytes plaintext) {
  Hash hash{keys.authentication};
  hash.update(associated);
  hash.update(plaintext);
  hash.absorb(_mm_set_epi64x(bits(plaintext), bits(associated)));
  const __m128i mask = _mm_set_epi32(0x7fffffff, -1, -1, -1);
  return encrypt<rounds>(keys.encryption, _mm_and_si128(_mm_xor_si128(hash.result(), nonce), mask));
}

GNOMON_AESNI_INLINE void crypt(const NonceKeys& keys, __m128i tag, base::Bytes in, base::MutableBytes out) {
  const __m128i first = _mm_or_si128(tag, _mm_set_epi32(static_cast<int>(0x80000000U), 0, 0, 0));
  counter_mode<rounds>(keys.encryption, in, out, [&](std::uint32_t number) GNOMON_AESNI {
    return _mm_add_epi32(first, _mm_set_epi32(0, 0, 0, static_cast<int>(number)));
  });
}

}  // namespace

GNOMON_AESNI void gcm_siv_prepare(base::Bytes key, base::MutableBytes schedule) {
  expand_128(load(key), *reinterpret_cast<RoundKeys*>(schedule.data()));  // NOLINT: aligned storage
}

GNOMON_AESNI void gcm_siv_seal(base::Bytes schedule, base::Bytes nonce, base::Bytes associated,
                               base::Bytes plaintext, base::MutableBytes out) {
  const __m128i nonce_block = load_nonce(nonce);
  NonceKeys keys;
  derive(schedule, nonce_block, keys);
  const __m128i tag = make_tag(keys, nonce_block, associated, plaintext);
  crypt(keys, tag, plaintext, out);
  store(tag, out, plaintext.size());
}

GNOMON_AESNI bool gcm_siv_open(base::Bytes schedule, base::Bytes nonce, base::Bytes associated,
                               base::Bytes ciphertext, base::MutableBytes out) {
  const __m128i nonce_block = load_nonce(nonce);
  const base::Bytes body = ciphertext.first(ciphertext.size() - 16);
  const __m128i tag = load(ciphertext, body.size());
  NonceKeys keys;
  derive(schedule, nonce_block, keys);
  crypt(keys, tag, body, out);
  return equal(tag, make_tag(keys, nonce_block, associated, out));
}

}  // namespace gnomon::protocol::accelerated
#endif
