// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-primitives.so: the primitives of OpenSSL's libcrypto. It reads no configuration and opens no file.
// What EVP fetches for random numbers and elliptic signatures brings tables of every cipher there is.
#define OPENSSL_SUPPRESS_DEPRECATED  // SHA256_Transform: nothing newer takes a state and a block; EC_KEY
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "helpers/ntske/primitives/primitives.hpp"

namespace gnomon::ntske {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_clear_free>>;
using Numbers = std::unique_ptr<BN_CTX, Freed<BN_CTX_free>>;
using EllipticKey = std::unique_ptr<EC_KEY, Freed<EC_KEY_free>>;
using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freed<PKCS8_PRIV_KEY_INFO_free>>;
using Group = std::unique_ptr<EC_GROUP, Freed<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Freed<EC_POINT_clear_free>>;

// The kernel's, as wolfSSL takes them too: no generator of our own, nothing that two sessions have in common.
int random_octets(unsigned char* into, int wanted) {
  for (int made = 0; made < wanted;) {
    const auto got = getrandom(into + made, static_cast<std::size_t>(wanted - made), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return 0;
    made += static_cast<int>(got);
  }
  return 1;
}

int always_ready() {
  return 1;
}

constexpr RAND_METHOD kernels_numbers{.seed = nullptr,
                                      .bytes = random_octets,
                                      .cleanup = nullptr,
                                      .add = nullptr,
                                      .pseudorand = random_octets,
                                      .status = always_ready};

// What sessions share. Secret is only the last key share, until its session has used it or the next is made;
// numbers that were computed with go with the operation.
struct Shared {
  KeyContext x25519{EVP_PKEY_CTX_new_from_name(nullptr, "X25519", nullptr)};
  // The library keeps the public key with a private one and would compute it again for a bare private key.
  Key last_share;
  Group p256{EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};
  [[nodiscard]] bool good() const { return x25519 && p256 && EVP_PKEY_keygen_init(x25519.get()) == 1; }
};

Shared& shared() {
  static Shared all;
  return all;
}

void sha256(std::span<std::uint32_t, 8> state, Input blocks) {
  SHA256_CTX context{};
  std::ranges::copy(state, std::begin(context.h));
  for (; blocks.size() >= sha256_block; blocks = blocks.subspan(sha256_block))
    SHA256_Transform(&context, blocks.data());
  std::copy_n(std::begin(context.h), state.size(), state.begin());
  OPENSSL_cleanse(&context, sizeof context);
}

bool export_private(const EVP_PKEY& key, OutputOf<x25519_size> into) {
  std::size_t size = into.size();
  return EVP_PKEY_get_raw_private_key(&key, into.data(), &size) == 1 && size == into.size();
}

bool x25519_generate(OutputOf<x25519_size> private_key, OutputOf<x25519_size> public_key) {
  EVP_PKEY* made = nullptr;
  if (EVP_PKEY_generate(shared().x25519.get(), &made) != 1) return false;
  Key key{made};
  std::size_t size = public_key.size();
  if (EVP_PKEY_get_raw_public_key(made, public_key.data(), &size) != 1 || size != public_key.size() ||
      !export_private(*made, private_key))
    return false;
  shared().last_share = std::move(key);
  return true;
}

// The last share if it is this one, which is used up by that.
Key x25519_key(InputOf<x25519_size> private_key) {
  std::array<std::uint8_t, x25519_size> last{};
  Key key = std::move(shared().last_share);
  const bool same =
      key && export_private(*key, last) && CRYPTO_memcmp(last.data(), private_key.data(), last.size()) == 0;
  OPENSSL_cleanse(last.data(), last.size());
  if (same) return key;
  return Key{EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, private_key.data(), private_key.size())};
}

bool x25519_agree(InputOf<x25519_size> private_key, InputOf<x25519_size> peer, OutputOf<x25519_size> secret) {
  const Key own = x25519_key(private_key);
  const Key other{EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, peer.data(), peer.size())};
  if (!own || !other) return false;
  const KeyContext context{EVP_PKEY_CTX_new(own.get(), nullptr)};
  std::size_t size = secret.size();
  return context && EVP_PKEY_derive_init(context.get()) == 1 &&
         EVP_PKEY_derive_set_peer_ex(context.get(), other.get(), 0) == 1 &&
         EVP_PKEY_derive(context.get(), secret.data(), &size) == 1 && size == secret.size();
}

bool write_point(const EC_POINT& point, BN_CTX* numbers, OutputOf<p256_point_size> into) {
  return EC_POINT_point2oct(shared().p256.get(), &point, POINT_CONVERSION_UNCOMPRESSED, into.data(),
                            into.size(), numbers) == into.size();
}

bool p256_generate(OutputOf<p256_size> private_key, OutputOf<p256_point_size> public_key) {
  const auto* group = shared().p256.get();
  const Numbers numbers{BN_CTX_new()};
  const Number scalar{BN_new()};
  const Point point{EC_POINT_new(group)};
  if (!numbers || !scalar || !point) return false;
  do
    if (BN_priv_rand_range(scalar.get(), EC_GROUP_get0_order(group)) != 1) return false;
  while (BN_is_zero(scalar.get()));
  BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
  return EC_POINT_mul(group, point.get(), scalar.get(), nullptr, nullptr, numbers.get()) == 1 &&
         write_point(*point, numbers.get(), public_key) &&
         BN_bn2binpad(scalar.get(), private_key.data(), p256_size) == p256_size;
}

bool p256_agree(InputOf<p256_size> private_key, InputOf<p256_point_size> peer, OutputOf<p256_size> secret) {
  const auto* group = shared().p256.get();
  const Numbers numbers{BN_CTX_new()};
  const Number scalar{BN_bin2bn(private_key.data(), p256_size, nullptr)};
  const Point point{EC_POINT_new(group)};
  if (!numbers || !scalar || !point) return false;
  BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
  std::array<std::uint8_t, p256_point_size> product{};
  // The first of these checks that the peer is on the curve.
  const bool good =
      EC_POINT_oct2point(group, point.get(), peer.data(), peer.size(), numbers.get()) == 1 &&
      EC_POINT_mul(group, point.get(), nullptr, point.get(), scalar.get(), numbers.get()) == 1 &&
      write_point(*point, numbers.get(), product);
  if (good) std::copy_n(product.begin() + 1, p256_size, secret.begin());
  OPENSSL_cleanse(product.data(), product.size());
  return good;
}

const EVP_MD* hash_of(std::size_t digest_size) {
  for (const auto* hash : {EVP_sha256(), EVP_sha384(), EVP_sha512()})
    if (static_cast<std::size_t>(EVP_MD_get_size(hash)) == digest_size) return hash;
  return nullptr;
}

bool use_pss(EVP_PKEY_CTX* context, const EVP_MD* hash) {
  return hash != nullptr && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_signature_md(context, hash) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

struct SigningKey {
  EllipticKey elliptic;  // or
  Key key;               // of RSA
  KeyContext context;    // ready to sign digests of this size
  std::size_t digest_size = 0;
};

namespace {

bool prepare(SigningKey& signer, std::size_t digest_size) {
  if (signer.context && signer.digest_size == digest_size) return true;
  signer.context.reset(EVP_PKEY_CTX_new(signer.key.get(), nullptr));
  signer.digest_size = digest_size;
  if (signer.context && EVP_PKEY_sign_init(signer.context.get()) == 1 &&
      use_pss(signer.context.get(), hash_of(digest_size)))
    return true;
  signer.context.reset();
  return false;
}

// PKCS #8 (RFC 5958) says which curve it is on.
EllipticKey elliptic_in_pkcs8(Input der) {
  const auto* at = der.data();
  const Pkcs8 info{d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size()))};
  const ASN1_OBJECT* kind = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  int size = 0;
  if (!info || PKCS8_pkey_get0(&kind, &at, &size, &algorithm, info.get()) != 1 ||
      OBJ_obj2nid(kind) != NID_X9_62_id_ecPublicKey)
    return {};
  int type = 0;
  const void* curve = nullptr;
  X509_ALGOR_get0(nullptr, &type, &curve, algorithm);
  if (type != V_ASN1_OBJECT) return {};
  EllipticKey key{EC_KEY_new_by_curve_name(OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(curve)))};
  EC_KEY* filled = key.get();
  return filled != nullptr && d2i_ECPrivateKey(&filled, &at, size) != nullptr ? std::move(key) : nullptr;
}

// Or as RFC 5915 has it.
EllipticKey elliptic_key(Input der) {
  if (auto key = elliptic_in_pkcs8(der)) return key;
  const auto* at = der.data();
  return EllipticKey{d2i_ECPrivateKey(nullptr, &at, static_cast<long>(der.size()))};
}

SigningKey* new_key(Input der) {
  if (auto elliptic = elliptic_key(der))
    return std::make_unique<SigningKey>(SigningKey{.elliptic = std::move(elliptic)}).release();
  const auto* at = der.data();
  Key key{d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size()))};
  if (!key) return nullptr;
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return nullptr;
  return std::make_unique<SigningKey>(SigningKey{.key = std::move(key), .context = {}}).release();
}

void free_key(SigningKey* key) {
  const std::unique_ptr<SigningKey> freed{key};
}

std::size_t sign_elliptic(EC_KEY* key, Input digest, std::span<std::uint8_t> signature) {
  if (static_cast<std::size_t>(ECDSA_size(key)) > signature.size()) return 0;
  unsigned size = 0;
  const int done =
      ECDSA_sign(0, digest.data(), static_cast<int>(digest.size()), signature.data(), &size, key);
  return done == 1 ? size : 0;
}

std::size_t sign(SigningKey& key, Input digest, std::span<std::uint8_t> signature) {
  if (key.elliptic) return sign_elliptic(key.elliptic.get(), digest, signature);
  std::size_t size = signature.size();
  if (!prepare(key, digest.size()) ||
      EVP_PKEY_sign(key.context.get(), signature.data(), &size, digest.data(), digest.size()) != 1)
    return 0;
  return size;
}

constexpr Primitives ours{.sha256 = sha256,
                          .x25519_generate = x25519_generate,
                          .x25519_agree = x25519_agree,
                          .p256_generate = p256_generate,
                          .p256_agree = p256_agree,
                          .new_key = new_key,
                          .free_key = free_key,
                          .sign = sign};

}  // namespace
}  // namespace gnomon::ntske

extern "C" [[gnu::visibility("default")]] const gnomon::ntske::Primitives* gnomon_primitives_1() {
  constexpr auto options = OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
                           OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ADD_ALL_DIGESTS;
  if (OPENSSL_init_crypto(options, nullptr) != 1 ||
      RAND_set_rand_method(&gnomon::ntske::kernels_numbers) != 1 || !gnomon::ntske::shared().good())
    return nullptr;
  return &gnomon::ntske::ours;
}
