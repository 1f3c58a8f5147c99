// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/keygen.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::ctl;
using protocol::KeyType;

namespace {

KeyWish wish(const std::vector<std::string>& words) {
  const auto parsed = parse_keygen(words);
  REQUIRE(parsed);
  return *parsed;
}

}  // namespace

TEST_CASE("keygen's defaults are chronyc's: key 1, SHA1, 160 bits") {
  CHECK(wish({}).id == 1);
  CHECK(wish({}).type == KeyType::sha1);
  CHECK(wish({}).size == 20);
  CHECK(wish({"73"}).id == 73);
  CHECK(wish({"73", "SHA3-512"}).type == KeyType::sha3_512);
  CHECK(wish({"73", "SHA256", "257"}).size == 33);
}

TEST_CASE("a size is at least 80 bits and at most 4096, that of an AES key is fixed") {
  CHECK(wish({"1", "SHA1", "8"}).size == 10);
  CHECK(wish({"1", "SHA1", "4294967295"}).size == 512);
  CHECK(wish({"1", "AES128"}).size == 16);
  CHECK(wish({"1", "AES256", "80"}).size == 32);
}

TEST_CASE("words that are no key are refused") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"0"},
                                                {"x"},
                                                {"4294967296"},
                                                {"1", "sha1"},
                                                {"1", "SHA1", "many"},
                                                {"1", "SHA1", "80", "x"}})
    CHECK_FALSE(parse_keygen(words));
  CHECK(parse_keygen({"1", "TIGER"}).error().contains("MD5, SHA1, SHA256"));
}

TEST_CASE("a key is printed as a line of a key file") {
  const auto reply = key_reply({7, KeyType::aes128, 4}, base::Buffer{0x00, 0x1f, 0xa0, 0xff});
  CHECK(render_key(reply, {}) == "7 AES128 HEX:001FA0FF\n");
}
