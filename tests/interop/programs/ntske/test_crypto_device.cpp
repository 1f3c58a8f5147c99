// SPDX-License-Identifier: GPL-2.0-or-later
// wolfSSL with the primitives of libcrypto against wolfSSL by itself.
#include "helpers/ntske/tls/crypto_device.hpp"

#include <wolfssl/wolfcrypt/curve25519.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/sha256.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "helpers/ntske/primitives/load.hpp"
#include "helpers/ntske/server/server_certificates.hpp"
#include "helpers/ntske/tls/pem_file.hpp"
#include "tests/interop/programs/ntske/certificates.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::testing;
using ntske::crypto_device;

namespace {

const ntske::Primitives& module() {
  const auto loaded = ntske::load_primitives(GNOMON_PRIMITIVES);
  INFO((loaded ? std::string{} : loaded.error()));
  REQUIRE(loaded);
  return **loaded;
}

using Digest = std::array<std::uint8_t, WC_SHA256_DIGEST_SIZE>;

Digest digest_of(base::Bytes octets) {
  Digest digest{};
  REQUIRE(wc_Sha256Hash(octets.data(), static_cast<word32>(octets.size()), digest.data()) == 0);
  return digest;
}

void add(wc_Sha256& hash, base::Bytes octets) {
  REQUIRE(wc_Sha256Update(&hash, octets.data(), static_cast<word32>(octets.size())) == 0);
}

base::Buffer counting_octets(std::size_t size) {
  base::Buffer octets(size);
  for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::uint8_t>(i * 7 + size);
  return octets;
}

// How often each primitive was asked for.
struct Counts {
  int hashes = 0, x25519_shares = 0, x25519_secrets = 0, p256_shares = 0, p256_secrets = 0, signatures = 0;
};
Counts counts;  // functions have no user pointer

ntske::Primitives counted() {
  auto all = module();
  all.sha256 = [](std::span<std::uint32_t, 8> state, ntske::Input blocks) {
    ++counts.hashes;
    module().sha256(state, blocks);
  };
  all.x25519_generate = [](ntske::OutputOf<32> key, ntske::OutputOf<32> share) {
    ++counts.x25519_shares;
    return module().x25519_generate(key, share);
  };
  all.x25519_agree = [](ntske::InputOf<32> key, ntske::InputOf<32> peer, ntske::OutputOf<32> secret) {
    ++counts.x25519_secrets;
    return module().x25519_agree(key, peer, secret);
  };
  all.p256_generate = [](ntske::OutputOf<32> key, ntske::OutputOf<65> share) {
    ++counts.p256_shares;
    return module().p256_generate(key, share);
  };
  all.p256_agree = [](ntske::InputOf<32> key, ntske::InputOf<65> peer, ntske::OutputOf<32> secret) {
    ++counts.p256_secrets;
    return module().p256_agree(key, peer, secret);
  };
  all.sign = [](ntske::SigningKey& key, ntske::Input digest, std::span<std::uint8_t> signature) {
    ++counts.signatures;
    return module().sign(key, digest, signature);
  };
  counts = {};
  return all;
}

}  // namespace

TEST_CASE("hashes of any length, in any pieces, are those of wolfCrypt") {
  for (std::size_t size = 0; size <= 200; ++size) {
    const auto octets = counting_octets(size);
    const auto expected = digest_of(octets);
    const ntske::TlsLibrary library{&module()};
    CHECK(digest_of(octets) == expected);
    for (const std::size_t piece : {1U, 3U, 63U, 64U, 65U, 130U}) {
      wc_Sha256 hash;
      REQUIRE(wc_InitSha256_ex(&hash, nullptr, crypto_device) == 0);
      for (base::Bytes rest = octets; !rest.empty(); rest = rest.subspan(std::min(piece, rest.size())))
        add(hash, rest.first(std::min(piece, rest.size())));
      Digest half_way{}, digest{};
      REQUIRE(wc_Sha256GetHash(&hash, half_way.data()) == 0);  // of a copy, as for a transcript
      REQUIRE(wc_Sha256Final(&hash, digest.data()) == 0);
      CHECK(half_way == expected);
      CHECK(digest == expected);
      REQUIRE(wc_Sha256Final(&hash, digest.data()) == 0);  // after the end a new hash begins
      CHECK(digest == digest_of({}));
    }
  }
}

TEST_CASE("X25519 and P-256 agree with wolfCrypt's own") {
  const ntske::TlsLibrary library{&module()};
  WC_RNG rng;
  REQUIRE(wc_InitRng_ex(&rng, nullptr, crypto_device) == 0);
  std::array<std::uint8_t, 32> one{}, other{};
  word32 size = 32, other_size = 32;
  SECTION("X25519") {
    curve25519_key ours, theirs;
    REQUIRE(wc_curve25519_init_ex(&ours, nullptr, crypto_device) == 0);
    REQUIRE(wc_curve25519_init_ex(&theirs, nullptr, 77) == 0);  // a device that nobody has
    REQUIRE(wc_curve25519_make_key(&rng, 32, &theirs) == 0);
    REQUIRE(wc_curve25519_make_key(&rng, 32, &ours) == 0);
    constexpr int endian = EC25519_LITTLE_ENDIAN;
    REQUIRE(wc_curve25519_shared_secret_ex(&theirs, &ours, one.data(), &size, endian) == 0);
    REQUIRE(wc_curve25519_shared_secret_ex(&ours, &theirs, other.data(), &other_size, endian) == 0);
  }
  SECTION("P-256") {
    ecc_key ours, theirs;
    REQUIRE(wc_ecc_init_ex(&ours, nullptr, crypto_device) == 0);
    REQUIRE(wc_ecc_init_ex(&theirs, nullptr, INVALID_DEVID) == 0);
    REQUIRE(wc_ecc_make_key_ex(&rng, 32, &ours, ECC_SECP256R1) == 0);
    REQUIRE(wc_ecc_make_key_ex(&rng, 32, &theirs, ECC_SECP256R1) == 0);
    REQUIRE(wc_ecc_check_key(&ours) == 0);
    wc_ecc_set_rng(&theirs, &rng);
    REQUIRE(wc_ecc_shared_secret(&theirs, &ours, one.data(), &size) == 0);
    REQUIRE(wc_ecc_shared_secret(&ours, &theirs, other.data(), &other_size) == 0);
    wc_ecc_free(&ours);
    wc_ecc_free(&theirs);
  }
  CHECK(one == other);
  CHECK(one != std::array<std::uint8_t, 32>{});
  CHECK(size == other_size);
  wc_FreeRng(&rng);
}

TEST_CASE("a handshake is computed by the primitives from its first hash to its signature") {
  const auto [key, signs] =
      GENERATE(std::pair<const char*, bool>{"EC -pkeyopt ec_paramgen_curve:P-256", true},
               std::pair<const char*, bool>{"EC -pkeyopt ec_paramgen_curve:P-384", true},
               std::pair<const char*, bool>{"EC -pkeyopt ec_paramgen_curve:P-521", true},
               std::pair<const char*, bool>{"RSA -pkeyopt rsa_keygen_bits:2048", true},
               std::pair<const char*, bool>{"ED25519", false});
  CAPTURE(key);
  const TemporaryFolder folder;
  const std::array pairs{Authority{folder}.issue("server", "DNS:time.example", key)};
  const auto primitives = counted();
  const ntske::TlsLibrary library{&primitives};
  ntske::set_verification_time(system_time());
  const auto loaded = ntske::ServerCertificates::load(pairs, &primitives);  // tries it
  INFO((loaded ? std::string{} : loaded.error()));
  REQUIRE(loaded);
  CHECK(counts.signatures == (signs ? 1 : 0));
  CHECK(counts.hashes > 50);
  CHECK(counts.x25519_shares == 2);  // both sides are ours
  CHECK(counts.x25519_secrets == 2);
}

TEST_CASE("where the primitives cannot sign as they should, wolfCrypt does") {
  const TemporaryFolder folder;
  const std::array pairs{Authority{folder}.issue("server", "DNS:time.example")};
  auto primitives = module();
  SECTION("no signature") {
    primitives.sign = [](ntske::SigningKey& /*key*/, ntske::Input /*digest*/,
                         std::span<std::uint8_t> /*signature*/) -> std::size_t { return 0; };
  }
  SECTION("a wrong one") {
    primitives.sign = [](ntske::SigningKey& signer, ntske::Input digest, std::span<std::uint8_t> signature) {
      std::vector<std::uint8_t> another(digest.begin(), digest.end());
      another.front() ^= 1U;
      return module().sign(signer, another, signature);
    };
  }
  SECTION("no key") {
    primitives.new_key = [](ntske::Input /*der*/) -> ntske::SigningKey* { return nullptr; };
  }
  const ntske::TlsLibrary library{&primitives};
  ntske::set_verification_time(system_time());
  CHECK(ntske::ServerCertificates::load(pairs, &primitives));
}
