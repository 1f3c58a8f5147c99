// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/bytes.hpp"

#include "base/secret.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::base;

TEST_CASE("a read past the end fails and moves nothing") {
  const std::array<std::uint8_t, 3> octets{1, 2, 3};
  ByteReader reader{octets};
  CHECK_FALSE(reader.read<std::uint32_t>());
  CHECK(reader.read<std::uint16_t>() == 0x0102);
  CHECK_FALSE(reader.take(2));
  CHECK(reader.remaining() == 1);
}

TEST_CASE("a write past the end sets failed and keeps what was written") {
  std::array<std::uint8_t, 3> octets{};
  ByteWriter writer{octets};
  writer.write(std::uint16_t{0xabcd});
  writer.write(std::uint16_t{1});
  writer.write(std::uint8_t{1});
  CHECK(writer.failed());
  CHECK(to_hex(writer.written()) == "abcd");
}

TEST_CASE("hexadecimal goes both ways and bad text is refused") {
  CHECK(to_hex(*from_hex("00fFaB")) == "00ffab");
  CHECK_FALSE(from_hex("0"));
  CHECK_FALSE(from_hex("0g"));
}

TEST_CASE("a moved-from secret holds nothing") {
  const std::array<std::uint8_t, 4> key{1, 2, 3, 4};
  Secret secret{key};
  const Secret other{std::move(secret)};
  CHECK(other.size() == 4);
  CHECK(secret.empty());  // NOLINT: that is the point
}
