// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/crypto/keyed_digest.hpp"

#include <stdexcept>
#include <string>

#include "tests/unit/catch.hpp"
#include "tests/unit/protocol/vectors.hpp"

using namespace gnomon;
using namespace gnomon::protocol;
using testing::octets;

namespace {

std::string digest_of(KeyType type, base::Bytes key, base::Bytes message) {
  const auto digest = keyed_digest(type, key, message);
  return base::to_hex(base::Bytes{digest}.first(traits(type).digest_size));
}

struct Example {
  KeyType type;
  std::string_view of_abc;
};

// "abc" in FIPS 180-4, FIPS 202 and RFC 1321.
constexpr Example hashes[] = {
    {KeyType::md5, "900150983cd24fb0d6963f7d28e17f72"},
    {KeyType::sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {KeyType::sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {KeyType::sha384,
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
    {KeyType::sha512,
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
     "454d4423643ce80e2a9ac94fa54ca49f"},
    {KeyType::sha3_224, "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf"},
    {KeyType::sha3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
    {KeyType::sha3_384,
     "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25"},
    {KeyType::sha3_512,
     "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e39340"
     "57340b4cf408d5a56592f8274eec53f0"}};

}  // namespace

TEST_CASE("a hash is that of the key and then of the message") {
  for (const auto& [type, of_abc] : hashes) {
    CAPTURE(traits(type).name);
    REQUIRE(is_supported(type));
    CHECK(digest_of(type, base::as_bytes("a"), base::as_bytes("bc")) == of_abc);
    CHECK(digest_of(type, base::as_bytes("abc"), {}) == of_abc);
    CHECK(digest_of(type, base::as_bytes("b"), base::as_bytes("ac")) != of_abc);
  }
}

TEST_CASE("AES128 is AES-CMAC as in RFC 4493") {
  const auto vectors = testing::load_vectors("aes_cmac_rfc4493.json");
  const auto key = octets(vectors, "key");
  for (const auto& example : vectors.at("examples").as_array())
    CHECK(digest_of(KeyType::aes128, key, octets(example, "message")) ==
          base::to_hex(octets(example, "mac")));
}

TEST_CASE("AES256 is AES-CMAC as in NIST SP 800-38B") {
  const auto key = octets("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
  CHECK(digest_of(KeyType::aes256, key, {}) == "028962f61b7bf89efc6b551f4667d983");
  CHECK(digest_of(KeyType::aes256, key, octets("6bc1bee22e409f96e93d7e117393172a")) ==
        "28a7023f452e8f82bd4bf28d8c37c35c");
}

TEST_CASE("an AES key of another length is no key") {
  CHECK_THROWS_AS(keyed_digest(KeyType::aes128, base::Buffer(32), {}), std::logic_error);
  CHECK_THROWS_AS(keyed_digest(KeyType::aes256, base::Buffer(16), {}), std::logic_error);
  CHECK_THROWS_AS(keyed_digest(KeyType::aes128, {}, {}), std::logic_error);
}

TEST_CASE("types have chrony's names and numbers") {
  for (const auto& each : key_types) CHECK(key_type_named(each.name) == each.type);
  CHECK(key_type_named("SHA3-512") == KeyType{9});
  CHECK(key_type_named("AES128") == KeyType{13});
  CHECK_FALSE(key_type_named("sha1"));
  CHECK_FALSE(key_type_named("TIGER"));
  CHECK_FALSE(key_type_named(""));
}
