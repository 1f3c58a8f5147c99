// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/nts/cookie.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/protocol/vectors.hpp"

using namespace gnomon;
using namespace gnomon::protocol;

namespace {

base::Buffer entropy(std::size_t size, unsigned seed) {
  base::Buffer bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::uint8_t>((i + 1) * (2 * seed + 1) + seed);
  return bytes;
}

KeySet sample_set() {
  return make_key_set(entropy(128, 5));
}

SessionKeys sample_keys(AeadId id) {
  return {id, base::Secret{testing::sample_key(id, 10)}, base::Secret{testing::sample_key(id, 90)}};
}

base::Buffer seal(const CookieSealer& sealer, const SessionKeys& keys, std::uint8_t nonce = 1) {
  base::Buffer cookie(sealer.cookie_size(keys.aead));
  NonceEntropy octets{};
  octets.fill(nonce);
  REQUIRE(sealer.seal(keys, octets, cookie));
  return cookie;
}

void check_opens(const CookieSealer& sealer, base::Bytes cookie, const SessionKeys& keys) {
  const auto opened = sealer.open(cookie);
  REQUIRE(opened);
  CHECK(opened->aead == keys.aead);
  CHECK(opened->c2s == keys.c2s);
  CHECK(opened->s2c == keys.s2c);
}

}  // namespace

TEST_CASE("a cookie opens to the keys it was sealed with") {
  const CookieSealer sealer{sample_set()};
  for (const auto id : testing::all_aeads)
    check_opens(sealer, seal(sealer, sample_keys(id)), sample_keys(id));
}

TEST_CASE("cookies have chrony's sizes, and fit an extension field as they are") {
  const CookieSealer sealer{sample_set()};
  CHECK(sealer.cookie_size(AeadId::aes_128_gcm_siv) == 64);
  CHECK(sealer.cookie_size(AeadId::aes_siv_cmac_256) == 96);
  CHECK(sealer.cookie_size(AeadId::aes_siv_cmac_512) == 160);
}

TEST_CASE("a cookie is the key id, the nonce and the sealed keys, C2S first") {
  const auto set = sample_set();
  const CookieSealer sealer{set};
  const auto keys = sample_keys(AeadId::aes_siv_cmac_256);
  const auto octets = seal(sealer, keys, 0x77);
  const base::Bytes cookie{octets};
  CHECK(base::ByteReader{cookie}.read<std::uint32_t>() == set.keys[0].id);
  CHECK(base::to_hex(cookie.subspan(4, 12)) == "777777777777777777777777");
  const auto master = Aead::make(set.keys[0].aead, set.keys[0].key.reveal());
  base::Buffer plaintext(64);
  REQUIRE(master->open(cookie.subspan(4, 12), {}, cookie.subspan(16), plaintext));
  CHECK(base::to_hex(plaintext) == base::to_hex(keys.c2s.reveal()) + base::to_hex(keys.s2c.reveal()));
}

TEST_CASE("cookies of the same keys under other nonces have only the key id in common") {
  const CookieSealer sealer{sample_set()};
  const auto one = seal(sealer, sample_keys(AeadId::aes_siv_cmac_256), 1);
  const auto two = seal(sealer, sample_keys(AeadId::aes_siv_cmac_256), 2);
  std::size_t same = 0;
  for (std::size_t i = 4; i < one.size(); ++i) same += one[i] == two[i] ? 1U : 0U;
  CHECK(same < 6);
}

TEST_CASE("a cookie lives over two rotations and not over three") {
  auto set = sample_set();
  const auto keys = sample_keys(AeadId::aes_128_gcm_siv);
  const auto cookie = seal(CookieSealer{set}, keys);
  for (unsigned rotation = 1; rotation <= 2; ++rotation) {
    set = rotate(set, entropy(32, 30 + rotation));
    check_opens(CookieSealer{set}, cookie, keys);
  }
  set = rotate(set, entropy(32, 40));
  CHECK_FALSE(CookieSealer{set}.open(cookie));
}

TEST_CASE("rotation makes the key current that was made ahead, so machines with a copy open its cookies") {
  const auto before = sample_set();
  const auto after = rotate(before, entropy(32, 31));
  CHECK(after.current == 1);
  CHECK(after.keys[1].id == before.keys[1].id);
  CHECK(after.keys[2].id != before.keys[2].id);
  const auto keys = sample_keys(AeadId::aes_siv_cmac_256);
  check_opens(CookieSealer{before}, seal(CookieSealer{after}, keys), keys);
}

TEST_CASE("cookies keep their size over rotations") {
  auto set = sample_set();
  for (unsigned i = 0; i < 5; ++i) {
    CHECK(CookieSealer{set}.cookie_size(AeadId::aes_siv_cmac_256) == 96);
    set = rotate(set, entropy(32, 50 + i));
    for (std::uint32_t slot = 0; slot < KeySet::slots; ++slot) CHECK(set.keys[slot].id % 4 == slot);
  }
}

TEST_CASE("a changed, cut or lengthened cookie does not open") {
  const CookieSealer sealer{sample_set()};
  const auto cookie = seal(sealer, sample_keys(AeadId::aes_128_gcm_siv));
  for (std::size_t i = 0; i < cookie.size(); ++i) {
    auto changed = cookie;
    changed[i] ^= 1U;
    REQUIRE_FALSE(sealer.open(changed));
    REQUIRE_FALSE(sealer.open(base::Bytes{cookie}.first(i)));
  }
  for (std::size_t more = 1; more < 200; ++more) {
    auto longer = cookie;
    longer.resize(cookie.size() + more);
    REQUIRE_FALSE(sealer.open(longer));
  }
}

TEST_CASE("sealing refuses room that is too small and keys of the wrong length") {
  const CookieSealer sealer{sample_set()};
  base::Buffer small(95);
  CHECK_FALSE(sealer.seal(sample_keys(AeadId::aes_siv_cmac_256), {}, small));
  base::Buffer room(96);
  const SessionKeys wrong{AeadId::aes_siv_cmac_256,
                          base::Secret{testing::sample_key(AeadId::aes_128_gcm_siv)},
                          base::Secret{testing::sample_key(AeadId::aes_128_gcm_siv)}};
  CHECK_FALSE(sealer.seal(wrong, {}, room));
}

TEST_CASE("a set without keys opens and seals nothing") {
  const CookieSealer sealer{KeySet{}};
  base::Buffer room(96);
  CHECK_FALSE(sealer.seal(sample_keys(AeadId::aes_siv_cmac_256), {}, room));
  CHECK_FALSE(sealer.open(room));
}

TEST_CASE("keys of chrony's other cookie AEAD seal and open too") {
  auto set = sample_set();
  set.keys[0].aead = AeadId::aes_siv_cmac_256;
  set.keys[0].key = base::Secret{testing::sample_key(AeadId::aes_siv_cmac_256)};
  const CookieSealer sealer{set};
  CHECK(sealer.cookie_size(AeadId::aes_siv_cmac_256) == 100);
  check_opens(sealer, seal(sealer, sample_keys(AeadId::aes_siv_cmac_256)),
              sample_keys(AeadId::aes_siv_cmac_256));
}

TEST_CASE("cookies that chrony sealed open under the keys that chrony saved") {
  const auto vectors = testing::load_vectors("cookies_chrony_aead15.json");
  const auto file = parse_key_file(std::string_view{vectors.at("ntskeys").as_string()});
  REQUIRE(file);
  const CookieSealer sealer{file->set};
  const SessionKeys keys{AeadId::aes_siv_cmac_256, base::Secret{testing::octets(vectors, "c2s")},
                         base::Secret{testing::octets(vectors, "s2c")}};
  for (const auto& cookie : vectors.at("cookies").as_array()) {
    const auto octets = testing::octets(std::string_view{cookie.as_string()});
    check_opens(sealer, octets, keys);
    CHECK(octets.size() == sealer.cookie_size(keys.aead));
    CHECK(base::ByteReader{octets}.read<std::uint32_t>() == file->set.keys[file->set.current].id);
  }
}
