// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/nts/key_secret.hpp"

#include "protocol/crypto/hkdf.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/protocol/vectors.hpp"

using namespace gnomon;
using namespace gnomon::protocol;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::seconds week{604800};

KeySecret secret_of(std::uint8_t octet) {
  return KeySecret{base::Buffer(KeySecret::min_size, octet)};
}

SessionKeys session() {
  return {AeadId::aes_128_gcm_siv, base::Secret{testing::sample_key(AeadId::aes_128_gcm_siv, 1)},
          base::Secret{testing::sample_key(AeadId::aes_128_gcm_siv, 77)}};
}

base::Buffer cookie_of(const KeySet& set) {
  const CookieSealer sealer{set};
  base::Buffer cookie(sealer.cookie_size(AeadId::aes_128_gcm_siv));
  REQUIRE(sealer.seal(session(), NonceEntropy{}, cookie));
  return cookie;
}

base::RealTime at(std::chrono::seconds since_1970) {
  return base::RealTime{since_1970};
}

std::string error_of(const std::string& text) {
  const auto secrets = parse_key_secrets(text);
  return secrets ? "no error" : secrets.error();
}

const std::string digits(64, 'a');

}  // namespace

TEST_CASE("HKDF gives what RFC 5869 says") {
  for (const auto& example : testing::load_vectors("key_secret.json").at("hkdf").as_array()) {
    const auto key = hkdf_extract(testing::octets(example, "salt"), testing::octets(example, "ikm"));
    CHECK(base::to_hex(key.reveal()) == example.at("prk").as_string());
    base::Buffer expanded(testing::size(example, "length"));
    hkdf_expand(key, testing::octets(example, "info"), expanded);
    CHECK(base::to_hex(expanded) == example.at("okm").as_string());
  }
}

TEST_CASE("the keys of a secret are those that another implementation derives") {
  for (const auto& example : testing::load_vectors("key_secret.json").at("secrets").as_array()) {
    const KeySecret secret{testing::octets(example, "secret")};
    for (const auto& wanted : example.at("keys").as_array()) {
      const auto key =
          secret.key(std::chrono::seconds{wanted.at("rotation").as_int64()}, wanted.at("period").as_int64());
      CHECK(base::to_hex(key.key.reveal()) == wanted.at("key").as_string());
      CHECK(key.id == std::stoul(std::string{wanted.at("id").as_string()}, nullptr, 16));
      CHECK(key.aead == AeadId::aes_128_gcm_siv);
    }
  }
}

TEST_CASE("the fingerprint of a secret is that of another implementation, and no part of a key") {
  // Python: prk = hmac(b"gnomon ntskeysecret 1", secret); hmac(prk, b"fingerprint\x01")[:4]
  const KeySecret secret{base::Buffer(32, 0xaa)};
  CHECK(secret.fingerprint() == "ae6d3626");
  CHECK(secret_of(1).fingerprint() == secret_of(1).fingerprint());
  CHECK(secret_of(1).fingerprint() != secret_of(2).fingerprint());
  for (int period = -3; period < 3; ++period)
    CHECK_FALSE(base::to_hex(secret.key(week, period).key.reveal()).contains(secret.fingerprint()));
}

TEST_CASE("servers with the same secret open each other's cookies, one period ahead and two behind") {
  const auto here = secret_of(1);
  const CookieSealer sealer{here.keys(week, 100)};
  const auto there = secret_of(1);
  for (const int period : {98, 99, 100, 101}) {
    CAPTURE(period);
    const auto opened = sealer.open(cookie_of(there.keys(week, period)));
    REQUIRE(opened);
    CHECK(opened->c2s == session().c2s);
  }
  CHECK_FALSE(sealer.open(cookie_of(there.keys(week, 97))));
  CHECK_FALSE(sealer.open(cookie_of(there.keys(week, 102))));
}

TEST_CASE("another secret or another rotation opens nothing") {
  const CookieSealer sealer{secret_of(1).keys(week, 100)};
  CHECK_FALSE(sealer.open(cookie_of(secret_of(2).keys(week, 100))));
  CHECK_FALSE(sealer.open(cookie_of(secret_of(1).keys(week + 1s, 100))));
}

TEST_CASE("while a secret is replaced the new one seals and both open") {
  std::vector<KeySet> sets;
  sets.push_back(secret_of(2).keys(week, 100));
  sets.push_back(secret_of(1).keys(week, 100));
  const CookieSealer both{sets};
  CHECK(both.open(cookie_of(secret_of(1).keys(week, 99))));
  base::Buffer cookie(both.cookie_size(AeadId::aes_128_gcm_siv));
  REQUIRE(both.seal(session(), NonceEntropy{}, cookie));
  CHECK(CookieSealer{secret_of(2).keys(week, 100)}.open(cookie));
  CHECK_FALSE(CookieSealer{secret_of(1).keys(week, 100)}.open(cookie));
}

TEST_CASE("two keys of the same id both open their cookies") {
  std::vector<KeySet> sets;
  sets.push_back(secret_of(2).keys(week, 100));
  sets.push_back(secret_of(1).keys(week, 100));
  sets[0].keys[0].id = sets[1].keys[0].id;
  const auto first = cookie_of(sets[0]);
  const auto second = cookie_of(sets[1]);
  const CookieSealer both{sets};
  CHECK(both.open(first));
  CHECK(both.open(second));
}

TEST_CASE("cookies are of one length in every period") {
  for (const int period : {-5, 0, 1, 2, 3, 2954})
    CHECK(CookieSealer{secret_of(1).keys(week, period)}.cookie_size(AeadId::aes_siv_cmac_256) == 96);
}

TEST_CASE("periods follow each other from 1970 on, also before it") {
  CHECK(period_at(at(0s), week) == 0);
  CHECK(period_at(at(week - 1s), week) == 0);
  CHECK(period_at(at(week), week) == 1);
  CHECK(period_at(at(-1s), week) == -1);
  CHECK(period_at(at(-week), week) == -1);
  CHECK(period_at(at(-week - 1s), week) == -2);
  CHECK(period_at(base::RealTime{-1ns}, week) == -1);
  CHECK(begin_of_period(3, week) == at(3 * week));
  CHECK(begin_of_period(std::int64_t{1} << 33, week) > at(std::chrono::hours{24 * 365 * 290}));
}

TEST_CASE("a file of secrets has one in each line, with blanks and comments") {
  const auto secrets =
      parse_key_secrets("# of 2026\r\n" + digits + "\r\n\n  " + std::string(128, '1') + " \n");
  REQUIRE(secrets);
  REQUIRE(secrets->size() == 2);
  CHECK(secrets->at(0) == KeySecret{base::Buffer(32, 0xaa)});
  CHECK(secrets->at(1) == KeySecret{base::Buffer(64, 0x11)});
}

TEST_CASE("a secret that could be guessed is refused, and no message repeats it") {
  CHECK(error_of("") == "there is no secret in it");
  CHECK(error_of("# only words\n") == "there is no secret in it");
  CHECK(error_of(digits + "\n" + digits.substr(2) + "\n") ==
        "line 2: the secret is shorter than 32 octets (64 hexadecimal digits)");
  CHECK(error_of(digits + "f") == "line 1: the secret is not an even number of hexadecimal digits");
  CHECK(error_of("correct horse battery staple") ==
        "line 1: the secret is not an even number of hexadecimal digits");
  std::string nine;
  for (int i = 0; i < 9; ++i) nine += digits + "\n";
  CHECK(error_of(nine) == "line 9: more than eight secrets");
}
