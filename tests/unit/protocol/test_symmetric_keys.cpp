// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/mac/symmetric_keys.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::protocol;

namespace {

SymmetricKey key(std::uint32_t id, std::string_view text) {
  return {id, KeyType::sha1, KeyOctets{base::as_bytes(text)}};
}

}  // namespace

TEST_CASE("a key is found by its number") {
  SymmetricKeys keys;
  CHECK(keys.find(1) == nullptr);
  CHECK(keys.add(key(4294967295, "last")));
  CHECK(keys.add(key(1, "first")));
  REQUIRE(keys.find(1) != nullptr);
  CHECK(keys.find(1)->octets == KeyOctets{base::as_bytes("first")});
  CHECK(keys.find(4294967295)->octets == KeyOctets{base::as_bytes("last")});
  CHECK(keys.find(2) == nullptr);
  CHECK(keys.size() == 2);
}

TEST_CASE("of two keys with one number the first counts") {
  SymmetricKeys keys;
  CHECK(keys.add(key(7, "first")));
  CHECK_FALSE(keys.add(key(7, "second")));
  CHECK(keys.find(7)->octets == KeyOctets{base::as_bytes("first")});
}

TEST_CASE("a key below 80 bits is short") {
  CHECK(key(1, "123456789").is_short());
  CHECK_FALSE(key(1, "1234567890").is_short());
}
