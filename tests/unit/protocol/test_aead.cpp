// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "protocol/crypto/aead.hpp"
#include "protocol/crypto/backend.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/protocol/vectors.hpp"

using namespace gnomon;
using namespace gnomon::protocol;
using testing::octets;

namespace {

// Without AES-NI in the machine the accelerated backend is the portable one, and the tests run it twice.
constexpr AeadBackend backends[] = {AeadBackend::portable, AeadBackend::accelerated, AeadBackend::automatic};

base::Buffer seal(const Aead& aead, base::Bytes nonce, base::Bytes associated, base::Bytes plaintext) {
  base::Buffer out(plaintext.size() + aead_tag_size);
  const auto size = aead.seal(nonce, associated, plaintext, out);
  REQUIRE(size == out.size());
  return out;
}

std::expected<base::Buffer, AeadError> open(const Aead& aead, base::Bytes nonce, base::Bytes associated,
                                            base::Bytes ciphertext) {
  base::Buffer out(ciphertext.size());
  const auto size = aead.open(nonce, associated, ciphertext, out);
  if (!size) return std::unexpected(size.error());
  out.resize(*size);
  return out;
}

AeadId siv_of_key(std::size_t size) {
  return size == 64 ? AeadId::aes_siv_cmac_512 : AeadId::aes_siv_cmac_256;
}

base::Buffer counted(std::size_t size, std::uint8_t first) {
  base::Buffer bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(first + 7 * i);
  return bytes;
}

}  // namespace

TEST_CASE("every backend computes AES-SIV-CMAC as the vectors say") {
  const auto vectors = testing::load_vectors("aes_siv_rfc5297.json");
  std::size_t checked = 0;
  for (const auto& vector : vectors.at("generated").as_array()) {
    const auto key = octets(vector, "key");
    const auto& ads = vector.as_object().at("ads").as_array();
    if (ads.size() != 2 || key.size() == 48) continue;  // not the shape or the key of an NTS AEAD
    const auto associated = octets(std::string_view{ads[0].as_string()});
    const auto nonce = octets(std::string_view{ads[1].as_string()});
    const auto plaintext = octets(vector, "plaintext");
    const auto output = octets(vector, "output");
    INFO(std::string_view{vector.as_object().at("name").as_string()});
    if (nonce.empty()) continue;
    for (const auto backend : backends) {
      const auto aead = Aead::make(siv_of_key(key.size()), key, backend);
      REQUIRE(aead);
      CHECK(seal(*aead, nonce, associated, plaintext) == output);
      CHECK(open(*aead, nonce, associated, output) == plaintext);
    }
    ++checked;
  }
  CHECK(checked >= 6);
}

TEST_CASE("both implementations compute RFC 5297 A.1, which has no nonce") {
  const auto vectors = testing::load_vectors("aes_siv_rfc5297.json");
  const auto& vector = vectors.at("rfc").as_array().at(0);
  const auto key = octets(vector, "key");
  const auto associated = octets(std::string_view{vector.as_object().at("ads").as_array().at(0).as_string()});
  const auto plaintext = octets(vector, "plaintext");
  base::Buffer sealed(plaintext.size() + aead_tag_size);
  portable::siv_seal(key, {}, associated, plaintext, sealed);
  CHECK(sealed == octets(vector, "output"));
  if (!accelerated_available()) return;
  alignas(16) std::array<std::uint8_t, schedule_size> schedule{};
  accelerated::siv_prepare(key, schedule);
  accelerated::siv_seal(key.size(), schedule, {}, associated, plaintext, sealed);
  CHECK(sealed == octets(vector, "output"));
}

TEST_CASE("every backend computes AES-128-GCM-SIV as RFC 8452 C.1 says") {
  const auto vectors = testing::load_vectors("aes_gcm_siv_rfc8452.json");
  const auto& cases = vectors.at("aead_30_c1").as_array();
  CHECK(cases.size() == 24);
  for (const auto& vector : cases) {
    const auto nonce = octets(vector, "nonce");
    const auto associated = octets(vector, "aad");
    const auto plaintext = octets(vector, "plaintext");
    for (const auto backend : backends) {
      const auto aead = Aead::make(AeadId::aes_128_gcm_siv, octets(vector, "key"), backend);
      REQUIRE(aead);
      CHECK(seal(*aead, nonce, associated, plaintext) == octets(vector, "result"));
      CHECK(open(*aead, nonce, associated, octets(vector, "result")) == plaintext);
    }
  }
}

TEST_CASE("the two implementations agree for every length around their block sizes") {
  for (const auto id : testing::all_aeads) {
    const auto key = testing::sample_key(id);
    const auto fast = Aead::make(id, key, AeadBackend::accelerated);
    const auto plain = Aead::make(id, key, AeadBackend::portable);
    REQUIRE((fast && plain));
    const auto nonce = counted(traits(id).nonce_size, 9);
    for (std::size_t length = 0; length <= 290; ++length) {
      const auto plaintext = counted(length, 3);
      const auto associated = counted((length * 5) % 211, 5);
      const auto sealed = seal(*fast, nonce, associated, plaintext);
      REQUIRE(sealed == seal(*plain, nonce, associated, plaintext));
      REQUIRE(open(*plain, nonce, associated, sealed) == plaintext);
      REQUIRE(open(*fast, nonce, associated, sealed) == plaintext);
    }
  }
}

TEST_CASE("AES-SIV takes a nonce of any length but none") {
  const auto plaintext = counted(20, 1);
  const auto key = testing::sample_key(AeadId::aes_siv_cmac_256);
  const auto fast = Aead::make(AeadId::aes_siv_cmac_256, key, AeadBackend::accelerated);
  const auto plain = Aead::make(AeadId::aes_siv_cmac_256, key, AeadBackend::portable);
  for (std::size_t length = 1; length < 70; ++length) {
    const auto nonce = counted(length, 2);
    REQUIRE(seal(*fast, nonce, {}, plaintext) == seal(*plain, nonce, {}, plaintext));
  }
  base::Buffer out(100);
  CHECK(fast->seal({}, {}, plaintext, out) == std::unexpected(AeadError::bad_nonce_size));
}

TEST_CASE("a changed octet anywhere is noticed and leaves no plaintext") {
  for (const auto id : testing::all_aeads) {
    for (const auto backend : backends) {
      const auto aead = Aead::make(id, testing::sample_key(id), backend);
      const auto nonce = counted(traits(id).nonce_size, 9);
      const auto associated = counted(50, 1);
      const auto plaintext = counted(40, 77);
      const auto sealed = seal(*aead, nonce, associated, plaintext);
      for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto changed = sealed;
        changed[i] ^= 0x10U;
        base::Buffer out(40, 0xee);
        REQUIRE(aead->open(nonce, associated, changed, out) == std::unexpected(AeadError::not_authentic));
        REQUIRE(std::ranges::count(out, 0) == 40);
      }
      auto other = associated;
      other.back() ^= 1U;
      CHECK(open(*aead, nonce, other, sealed) == std::unexpected(AeadError::not_authentic));
      auto another_nonce = nonce;
      another_nonce.front() ^= 0x80U;
      CHECK(open(*aead, another_nonce, associated, sealed) == std::unexpected(AeadError::not_authentic));
    }
  }
}

TEST_CASE("sizes that do not fit are refused before anything is computed") {
  CHECK(Aead::make(AeadId::aes_siv_cmac_256, counted(31, 0)).error() == AeadError::bad_key_size);
  CHECK(Aead::make(AeadId::aes_128_gcm_siv, counted(32, 0)).error() == AeadError::bad_key_size);
  const auto aead = testing::sample_aead(AeadId::aes_128_gcm_siv);
  base::Buffer out(19);
  CHECK(aead.seal(counted(16, 0), {}, counted(3, 0), out).error() == AeadError::bad_nonce_size);
  CHECK(aead.seal(counted(12, 0), {}, counted(4, 0), out).error() == AeadError::output_too_small);
  CHECK(aead.open(counted(12, 0), {}, counted(15, 0), out).error() == AeadError::too_short);
  CHECK(aead.open(counted(12, 0), {}, counted(36, 0), out).error() == AeadError::output_too_small);
}

TEST_CASE("a moved key computes what it computed before") {
  for (const auto id : testing::all_aeads) {
    auto first = testing::sample_aead(id);
    const auto nonce = counted(traits(id).nonce_size, 0);
    const auto sealed = seal(first, nonce, {}, counted(33, 0));
    Aead second{std::move(first)};
    CHECK(second.id() == id);
    CHECK(seal(second, nonce, {}, counted(33, 0)) == sealed);
    auto third = testing::sample_aead(AeadId::aes_siv_cmac_512, 100);
    third = std::move(second);
    CHECK(seal(third, nonce, {}, counted(33, 0)) == sealed);
  }
}

TEST_CASE("AEADs are known by their registered numbers") {
  CHECK(aead_from_number(15) == AeadId::aes_siv_cmac_256);
  CHECK(aead_from_number(17) == AeadId::aes_siv_cmac_512);
  CHECK(aead_from_number(30) == AeadId::aes_128_gcm_siv);
  CHECK_FALSE(aead_from_number(16));
  CHECK_FALSE(aead_from_number(31));
  CHECK(traits(AeadId::aes_128_gcm_siv).name == "AES-128-GCM-SIV");
}
