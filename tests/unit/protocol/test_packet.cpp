// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/ntp/packet.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/protocol/vectors.hpp"

using namespace gnomon;
using namespace gnomon::protocol;

namespace {

Header sample_header() {
  return {.leap = base::LeapIndicator::insert,
          .version = 4,
          .mode = Mode::server,
          .stratum = 2,
          .poll = -3,
          .precision = -23,
          .root_delay = {0x00010203},
          .root_dispersion = {0x04050607},
          .reference_id = {0xc0000201},
          .reference = {0x1112131415161718},
          .origin = {0x2122232425262728},
          .receive = {0x3132333435363738},
          .transmit = {0x4142434445464748}};
}

base::Buffer with_tail(std::uint8_t first_octet, const base::Buffer& tail) {
  base::Buffer datagram(header_size);
  datagram[0] = first_octet;
  datagram.insert(datagram.end(), tail.begin(), tail.end());
  return datagram;
}

base::Buffer field(std::uint16_t type, std::uint16_t length, std::size_t actual) {
  base::Buffer bytes(actual);
  base::ByteWriter writer{bytes};
  writer.write(type);
  writer.write(length);
  return bytes;
}

constexpr std::uint8_t v4_client = 0x23;
constexpr std::uint8_t v3_client = 0x1b;

}  // namespace

TEST_CASE("the header has its fields where RFC 5905 puts them") {
  base::Buffer datagram(header_size);
  base::ByteWriter writer{datagram};
  write_header(sample_header(), writer);
  CHECK(base::to_hex(datagram) ==
        "6402fde90001020304050607c0000201"
        "1112131415161718212223242526272831323334353637384142434445464748");
  CHECK(parse_header(datagram) == sample_header());
}

TEST_CASE("a datagram below 48 octets or above the limit is no packet") {
  CHECK(parse(base::Buffer(47)).error() == PacketError::too_short);
  CHECK(parse({}).error() == PacketError::too_short);
  CHECK(parse(base::Buffer(max_datagram_size + 4)).error() == PacketError::too_long);
  CHECK(parse(with_tail(v4_client, {})).has_value());
}

TEST_CASE("what follows the header of version 4 is told apart by its length") {
  const auto kind = [](std::size_t tail) {
    return parse(with_tail(v4_client, base::Buffer(tail))).value().trailer;
  };
  CHECK(kind(0) == TrailerKind::none);
  CHECK(kind(4) == TrailerKind::crypto_nak);
  CHECK(kind(20) == TrailerKind::mac);
  CHECK(kind(24) == TrailerKind::mac);
  for (const std::size_t odd : {1U, 2U, 3U, 5U, 22U})
    CHECK(parse(with_tail(v4_client, base::Buffer(odd))).error() == PacketError::bad_mac_length);
}

TEST_CASE("extension fields are found with their place in the datagram, and a MAC after them") {
  auto tail = field(0x0104, 36, 36);
  const auto second = field(0xf323, 28, 28);
  tail.insert(tail.end(), second.begin(), second.end());
  tail.resize(tail.size() + 20, 0xaa);
  const auto datagram = with_tail(v4_client, tail);
  const auto packet = parse(datagram);
  REQUIRE(packet);
  REQUIRE(packet->fields().size() == 2);
  CHECK(packet->fields()[0].type == 0x0104);
  CHECK(packet->fields()[0].offset == 48);
  CHECK(packet->fields()[0].length == 36);
  CHECK(packet->fields()[0].body.size() == 32);
  CHECK(packet->fields()[1].offset == 84);
  CHECK(packet->trailer == TrailerKind::mac);
  CHECK(packet->mac.size() == 20);
}

TEST_CASE("field lengths that do not advance, are no multiple of four or pass the end are refused") {
  for (const unsigned length : {0U, 1U, 2U, 3U, 4U, 12U, 17U, 30U, 44U, 0xfffcU, 0xffffU}) {
    const auto packet = parse(with_tail(v4_client, field(0x0104, static_cast<std::uint16_t>(length), 40)));
    INFO(length);
    CHECK(packet.error() == PacketError::bad_extension_field);
  }
}

TEST_CASE("sixteen fields are taken and seventeen are too many") {
  base::Buffer tail;
  for (int i = 0; i < 16; ++i) {
    const auto one = field(0xf000, 28, 28);
    tail.insert(tail.end(), one.begin(), one.end());
  }
  CHECK(parse(with_tail(v4_client, tail)).value().fields().size() == 16);
  const auto one = field(0xf000, 28, 28);
  tail.insert(tail.end(), one.begin(), one.end());
  CHECK(parse(with_tail(v4_client, tail)).error() == PacketError::too_many_extension_fields);
}

TEST_CASE("version 3 has no fields: what follows the header is the MAC, whatever its length") {
  const auto packet = parse(with_tail(v3_client, field(0x0104, 36, 68)));
  REQUIRE(packet);
  CHECK(packet->fields().empty());
  CHECK(packet->trailer == TrailerKind::mac);
  CHECK(packet->mac.size() == 68);
  CHECK(parse(with_tail(v3_client, base::Buffer(72))).error() == PacketError::bad_mac_length);
}

TEST_CASE("a field is padded to four octets and to the least length asked for") {
  const auto written = [](std::size_t body, std::size_t minimum) {
    base::Buffer out(200, 0xff);
    base::ByteWriter writer{out};
    write_field(FieldType::nts_cookie, base::Buffer(body, 0x11), writer, minimum);
    REQUIRE_FALSE(writer.failed());
    return base::to_hex(writer.written());
  };
  CHECK(written(5, 16) == "02040010111111111100000000000000");
  CHECK(written(13, 0) == "0204001411111111111111111111111111000000");
  CHECK(written(0, 0) == "02040004");
  CHECK(written(1, 28).size() == 56);
}

TEST_CASE("a field that its 16-bit length cannot tell is not written") {
  base::Buffer out(70000);
  base::ByteWriter writer{out};
  write_field(FieldType::nts_cookie, base::Buffer(65530), writer);
  CHECK(writer.failed());
}
