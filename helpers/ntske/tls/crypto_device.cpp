// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/tls/crypto_device.hpp"

#include <wolfssl/wolfcrypt/cryptocb.h>
#include <wolfssl/wolfcrypt/curve25519.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include <array>
#include <exception>

#include "base/bytes.hpp"
#include "base/os/random.hpp"
#include "base/secret.hpp"
#include "helpers/ntske/tls/constructors.hpp"
#include "helpers/ntske/tls/sha256_state.hpp"

namespace gnomon::ntske {

#ifdef WOLF_CRYPTO_CB
namespace {

int fill(byte* into, word32 size) {
  try {
    base::fill_random({into, size});
    return 0;
  } catch (const std::exception&) {
    return RNG_FAILURE_E;
  }
}

int generate_x25519(const Primitives& primitives, curve25519_key& key) {
  if (!primitives.x25519_generate(OutputOf<x25519_size>{key.k}, OutputOf<x25519_size>{key.p.point}))
    return WC_HW_E;
  key.privSet = 1;
  key.pubSet = 1;
  return 0;
}

int agree_x25519(const Primitives& primitives, const curve25519_key& own, const curve25519_key& peer,
                 byte* secret, word32& size) {
  if (size < x25519_size) return BUFFER_E;
  if (!primitives.x25519_agree(InputOf<x25519_size>{own.k}, InputOf<x25519_size>{peer.p.point},
                               OutputOf<x25519_size>{secret, x25519_size}))
    return ECC_OUT_OF_RANGE_E;
  size = x25519_size;
  return 0;
}

bool on_p256(const ecc_key& key) {
  return key.dp != nullptr && key.dp->id == ECC_SECP256R1;
}

int generate_p256(const Primitives& primitives, ecc_key& key) {
  std::array<std::uint8_t, p256_size> scalar{};
  std::array<std::uint8_t, p256_point_size> point{};
  const int result = primitives.p256_generate(scalar, point)
                         ? wc_ecc_import_private_key_ex(scalar.data(), p256_size, point.data(),
                                                        p256_point_size, &key, ECC_SECP256R1)
                         : WC_HW_E;
  base::wipe(scalar);
  return result;
}

int agree_p256(const Primitives& primitives, ecc_key& own, ecc_key& peer, byte* secret, word32& size) {
  if (size < p256_size) return BUFFER_E;
  std::array<std::uint8_t, p256_size> scalar{};
  std::array<std::uint8_t, p256_point_size> point{};
  word32 scalar_size = p256_size, point_size = p256_point_size;
  const bool good = wc_ecc_export_private_only(&own, scalar.data(), &scalar_size) == 0 &&
                    wc_ecc_export_x963(&peer, point.data(), &point_size) == 0 && scalar_size == p256_size &&
                    point_size == p256_point_size &&
                    primitives.p256_agree(scalar, point, OutputOf<p256_size>{secret, p256_size});
  base::wipe(scalar);
  if (!good) return ECC_OUT_OF_RANGE_E;
  size = p256_size;
  return 0;
}

int answer_public_key(const Primitives& primitives, wc_CryptoInfo& wanted) {
  auto& pk = wanted.pk;
  switch (pk.type) {
    case WC_PK_TYPE_CURVE25519_KEYGEN:
      return generate_x25519(primitives, *pk.curve25519kg.key);
    case WC_PK_TYPE_CURVE25519:
      if (pk.curve25519.endian != EC25519_LITTLE_ENDIAN) return CRYPTOCB_UNAVAILABLE;
      return agree_x25519(primitives, *pk.curve25519.private_key, *pk.curve25519.public_key,
                          pk.curve25519.out, *pk.curve25519.outlen);
    case WC_PK_TYPE_EC_KEYGEN:
      return on_p256(*pk.eckg.key) ? generate_p256(primitives, *pk.eckg.key) : CRYPTOCB_UNAVAILABLE;
    case WC_PK_TYPE_ECDH:
      if (!on_p256(*pk.ecdh.private_key) || !on_p256(*pk.ecdh.public_key)) return CRYPTOCB_UNAVAILABLE;
      return agree_p256(primitives, *pk.ecdh.private_key, *pk.ecdh.public_key, pk.ecdh.out, *pk.ecdh.outlen);
    default:
      return CRYPTOCB_UNAVAILABLE;  // the library does it itself
  }
}

int answer_hash(const Primitives& primitives, const wc_CryptoInfo& wanted) {
  const auto& hash = wanted.hash;
  if (hash.type != WC_HASH_TYPE_SHA256 || hash.sha256 == nullptr) return CRYPTOCB_UNAVAILABLE;
  if (hash.in != nullptr) add_octets(primitives, *hash.sha256, {hash.in, hash.inSz});
  return hash.digest == nullptr ? 0 : finish(primitives, *hash.sha256, hash.digest);
}

int answer(int /*device*/, wc_CryptoInfo* wanted, void* user) {
  const auto* const primitives = static_cast<const Primitives*>(user);
  switch (wanted->algo_type) {
    case WC_ALGO_TYPE_SEED:
      return fill(wanted->seed.seed, wanted->seed.sz);
    case WC_ALGO_TYPE_RNG:
      return fill(wanted->rng.out, wanted->rng.sz);
    case WC_ALGO_TYPE_PK:
      return primitives == nullptr ? CRYPTOCB_UNAVAILABLE : answer_public_key(*primitives, *wanted);
    case WC_ALGO_TYPE_HASH:
      return primitives == nullptr ? CRYPTOCB_UNAVAILABLE : answer_hash(*primitives, *wanted);
    default:
      return CRYPTOCB_UNAVAILABLE;
  }
}

}  // namespace

void register_crypto_device(const Primitives* primitives) {
  // The callback's pointer is not const; we do not write through it.
  void* const user = const_cast<Primitives*>(primitives);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  if (wc_CryptoCb_RegisterDevice(crypto_device, answer, user) != 0) return;
  let_use_device(primitives == nullptr ? DeviceUse::as_named : DeviceUse::by_everyone);
}

void unregister_crypto_device() {
  let_use_device(DeviceUse::nothing);
  wc_CryptoCb_UnRegisterDevice(crypto_device);
}

void use_crypto_device(WOLFSSL_CTX& context) {
  wolfSSL_CTX_SetDevId(&context, crypto_device);
}
#else
void register_crypto_device(const Primitives* /*primitives*/) {}
void unregister_crypto_device() {}
void use_crypto_device(WOLFSSL_CTX& /*context*/) {}
#endif

}  // namespace gnomon::ntske
