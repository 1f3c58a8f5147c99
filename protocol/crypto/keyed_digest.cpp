// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/crypto/keyed_digest.hpp"

#include <wolfssl/options.h>
// before what uses its settings
#include <wolfssl/wolfcrypt/cmac.h>
#include <wolfssl/wolfcrypt/hash.h>

#include <stdexcept>

#include "base/secret.hpp"
#include "protocol/crypto/wolf_length.hpp"

namespace gnomon::protocol {
namespace {

wc_HashType hash_of(KeyType type) {
  switch (type) {
    case KeyType::md5:
      return WC_HASH_TYPE_MD5;
    case KeyType::sha1:
      return WC_HASH_TYPE_SHA;
    case KeyType::sha256:
      return WC_HASH_TYPE_SHA256;
    case KeyType::sha384:
      return WC_HASH_TYPE_SHA384;
    case KeyType::sha512:
      return WC_HASH_TYPE_SHA512;
    case KeyType::sha3_224:
      return WC_HASH_TYPE_SHA3_224;
    case KeyType::sha3_256:
      return WC_HASH_TYPE_SHA3_256;
    case KeyType::sha3_384:
      return WC_HASH_TYPE_SHA3_384;
    case KeyType::sha3_512:
      return WC_HASH_TYPE_SHA3_512;
    case KeyType::aes128:
    case KeyType::aes256:
      break;
  }
  return WC_HASH_TYPE_NONE;
}

// State from which a key might be read. Its destructor leaves zeros.
template <class State>
struct Wiped {
  State state{};
  Wiped() = default;
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  ~Wiped() { base::wipe({reinterpret_cast<std::uint8_t*>(&state), sizeof state}); }  // NOLINT: its octets
};

bool hash(wc_HashType type, base::Bytes key, base::Bytes message, KeyedDigest& out) {
  Wiped<wc_HashAlg> hash;
  if (wc_HashInit(&hash.state, type) != 0) return false;
  const bool done = wc_HashUpdate(&hash.state, type, key.data(), length(key)) == 0 &&
                    wc_HashUpdate(&hash.state, type, message.data(), length(message)) == 0 &&
                    wc_HashFinal(&hash.state, type, out.data()) == 0;
  wc_HashFree(&hash.state, type);
  return done;
}

#ifdef WOLFSSL_CMAC
constexpr bool has_cmac = true;

bool cmac(base::Bytes key, base::Bytes message, KeyedDigest& out) {
  Wiped<Cmac> cmac;
  word32 size = AES_BLOCK_SIZE;
  return wc_InitCmac(&cmac.state, key.data(), length(key), WC_CMAC_AES, nullptr) == 0 &&
         wc_CmacUpdate(&cmac.state, message.data(), length(message)) == 0 &&
         wc_CmacFinal(&cmac.state, out.data(), &size) == 0;
}
#else
constexpr bool has_cmac = false;

bool cmac(base::Bytes, base::Bytes, KeyedDigest&) {
  return false;
}
#endif

}  // namespace

bool is_supported(KeyType type) {
  if (traits(type).key_size > 0) return has_cmac;
  return wc_HashGetDigestSize(hash_of(type)) == static_cast<int>(traits(type).digest_size);
}

KeyedDigest keyed_digest(KeyType type, base::Bytes key, base::Bytes message) {
  KeyedDigest digest{};
  const auto key_size = traits(type).key_size;
  const bool done = key_size == 0 ? hash(hash_of(type), key, message, digest)
                                  : key.size() == key_size && cmac(key, message, digest);
  if (!done) throw std::logic_error("wolfCrypt does not compute a keyed digest");
  return digest;
}

}  // namespace gnomon::protocol
