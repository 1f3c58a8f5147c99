// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/mac/packet_mac.hpp"

#include <string>

#include "protocol/crypto/keyed_digest.hpp"
#include "protocol/mac/symmetric_key_file.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/protocol/vectors.hpp"

using namespace gnomon;
using namespace gnomon::protocol;
using testing::octets;

namespace {

// A packet of version `version` with the key's MAC.
base::Buffer signed_packet(const SymmetricKey& key, std::uint8_t version) {
  base::Buffer datagram(header_size + max_mac_size);
  datagram[0] = static_cast<std::uint8_t>((unsigned{version} << 3U) | 3U);
  datagram.resize(append_mac(key, version, header_size, datagram));
  return datagram;
}

SymmetricKey sample_key(KeyType type, std::uint32_t id = 0x01020304) {
  return {id, type, KeyOctets{base::Buffer(traits(type).key_size == 32 ? 32 : 16, 0x5a)}};
}

bool is_signed(const SymmetricKey& key, const base::Buffer& datagram) {
  const auto packet = parse(datagram);
  return packet && is_mac_of(key, *packet, datagram);
}

}  // namespace

TEST_CASE("chronyd's requests and responses have the MAC that we compute") {
  for (const auto& exchange : testing::load_vectors("mac_chrony.json").at("exchanges").as_array()) {
    CAPTURE(exchange.at("type").as_string().c_str(), exchange.at("version").as_int64());
    const auto file = parse_symmetric_keys(exchange.at("key_line").as_string(), is_supported);
    const auto* const key = file.keys.find(static_cast<std::uint32_t>(exchange.at("id").as_int64()));
    REQUIRE(key != nullptr);
    const auto version = static_cast<std::uint8_t>(exchange.at("version").as_int64());
    for (const char* const side : {"request", "response"}) {
      const auto datagram = octets(exchange, side);
      const auto packet = parse(datagram);
      REQUIRE(packet);
      CHECK(mac_key_id(*packet) == key->id);
      CHECK(is_mac_of(*key, *packet, datagram));
      base::Buffer again(datagram.begin(), datagram.begin() + header_size);
      again.resize(datagram.size());
      CHECK(append_mac(*key, version, header_size, again) == datagram.size());
      CHECK(again == datagram);
    }
  }
}

TEST_CASE("version 4 cuts a digest to 20 octets, version 3 does not") {
  for (const auto& each : key_types) {
    CAPTURE(each.name);
    const auto key = sample_key(each.type);
    CHECK(signed_packet(key, 4).size() == 52 + std::min<std::size_t>(each.digest_size, 20));
    CHECK(signed_packet(key, 3).size() == 52 + each.digest_size);
    CHECK(is_cut_in_version_4(each.type) == (each.digest_size > 20));
    CHECK(is_signed(key, signed_packet(key, 4)));
    CHECK(is_signed(key, signed_packet(key, 3)));
  }
}

TEST_CASE("whatever octet is changed, the MAC is not the key's any more") {
  for (const auto type : {KeyType::md5, KeyType::sha512, KeyType::aes128})
    for (const auto version : {std::uint8_t{3}, std::uint8_t{4}}) {
      const auto key = sample_key(type);
      const auto datagram = signed_packet(key, version);
      for (std::size_t at = 1; at < datagram.size(); ++at) {
        auto changed = datagram;
        changed[at] ^= 1U;
        CHECK_FALSE(is_signed(key, changed));
      }
    }
}

TEST_CASE("another key, another length or no MAC is not the key's MAC") {
  const auto key = sample_key(KeyType::sha1);
  CHECK_FALSE(is_signed(sample_key(KeyType::sha1, 5), signed_packet(key, 4)));
  CHECK_FALSE(is_signed(sample_key(KeyType::md5), signed_packet(key, 4)));
  CHECK_FALSE(is_signed({key.id, key.type, KeyOctets{base::Buffer(16, 0x5b)}}, signed_packet(key, 4)));
  auto bare = signed_packet(key, 4);
  bare.resize(header_size);
  CHECK_FALSE(is_signed(key, bare));
  // Cut though it is not too long: fewer octets than the digest has prove less.
  auto cut = signed_packet(key, 4);
  cut.resize(cut.size() - 4);
  CHECK_FALSE(is_signed(key, cut));
}

TEST_CASE("a crypto-NAK and fewer than 16 octets name no key") {
  for (const std::size_t tail : {4U, 8U, 16U}) {
    base::Buffer datagram(header_size + tail);
    datagram[0] = 0x23;
    const auto packet = parse(datagram);
    REQUIRE(packet);
    CHECK_FALSE(mac_key_id(*packet));
  }
}

TEST_CASE("a MAC that does not fit is not written") {
  base::Buffer datagram(header_size + 23);
  CHECK(append_mac(sample_key(KeyType::sha1), 4, header_size, datagram) == 0);
  CHECK(append_mac(sample_key(KeyType::sha1), 4, 80, datagram) == 0);
}
