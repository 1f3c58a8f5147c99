// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/nts/protection.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/protocol/vectors.hpp"

using namespace gnomon;
using namespace gnomon::protocol;
using testing::sample_aead;
using testing::sample_identifier;

namespace {

const NonceEntropy nonce{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

base::Buffer request(AeadId id, std::size_t cookie_size, std::size_t placeholders) {
  return protect_request(Header{}, sample_identifier(), base::Buffer(cookie_size, 0xc0), placeholders,
                         sample_aead(id), nonce);
}

Header server_header() {
  return {.mode = Mode::server, .stratum = 2};
}

base::Buffer response(const Aead& s2c, std::span<const base::Bytes> cookies,
                      const UniqueIdentifier& id = sample_identifier()) {
  base::Buffer out(max_datagram_size);
  out.resize(protect_response(server_header(), id, cookies, s2c, nonce, out.size(), out));
  REQUIRE_FALSE(out.empty());
  return out;
}

std::expected<AuthenticatedResponse, ResponseError> verify(const base::Buffer& datagram, const Aead& s2c) {
  const auto packet = parse(datagram);
  REQUIRE(packet);
  return verify_response(*packet, datagram, sample_identifier(), s2c);
}

// A response made by hand: fields before the authenticator, then the authenticator around a plaintext.
base::Buffer by_hand(const Aead& s2c, std::initializer_list<FieldType> before, base::Bytes plaintext,
                     std::initializer_list<FieldType> after = {}) {
  base::Buffer out(1024);
  base::ByteWriter writer{out};
  write_header(server_header(), writer);
  for (const auto type : before) write_field(type, sample_identifier(), writer);
  base::Buffer body(4 + 16 + plaintext.size() + aead_tag_size);
  base::ByteWriter inner{body};
  inner.write(std::uint16_t{16});
  inner.write(static_cast<std::uint16_t>(plaintext.size() + aead_tag_size));
  inner.write(base::Bytes{nonce});
  REQUIRE(s2c.seal(nonce, writer.written(), plaintext, inner.reserve(plaintext.size() + aead_tag_size)));
  write_field(FieldType::nts_authenticator, body, writer);
  for (const auto type : after) write_field(type, sample_identifier(), writer);
  out.resize(writer.size());
  return out;
}

}  // namespace

TEST_CASE("a request has the sizes of RFC 8915") {
  CHECK(request(AeadId::aes_siv_cmac_256, 96, 0).size() == 224);
  CHECK(request(AeadId::aes_siv_cmac_256, 96, 7).size() == 924);
  CHECK(request(AeadId::aes_128_gcm_siv, 64, 0).size() == 188);
}

TEST_CASE("a request that would pass the longest datagram is not made") {
  CHECK(request(AeadId::aes_siv_cmac_256, 232, 7).size() == 48 + 36 + 8 * 236 + 40);
  CHECK(request(AeadId::aes_siv_cmac_256, 256, 7).empty());
  CHECK(request(AeadId::aes_siv_cmac_256, 96, ~std::size_t{0}).empty());
}

TEST_CASE("a placeholder is as long as the cookie and holds zeros") {
  const auto datagram = request(AeadId::aes_siv_cmac_256, 100, 2);
  const auto packet = parse(datagram);
  REQUIRE(packet);
  REQUIRE(packet->fields().size() == 5);
  CHECK(packet->fields()[2].type == 0x0304);
  CHECK(packet->fields()[2].body.size() == packet->fields()[1].body.size());
  for (const auto octet : packet->fields()[3].body) CHECK(octet == 0);
}

TEST_CASE("placeholders fill the jar up to eight cookies") {
  CHECK(placeholders_for(7, 96) == 0);
  CHECK(placeholders_for(8, 96) == 0);
  CHECK(placeholders_for(100, 96) == 0);
  CHECK(placeholders_for(6, 96) == 1);
  CHECK(placeholders_for(0, 96) == 7);
  CHECK(placeholders_for(0, 104) == 7);
}

TEST_CASE("long cookies get fewer placeholders, so that the packet stays below 1280 octets") {
  for (std::size_t size = 4; size <= 256; size += 4) {
    const auto count = placeholders_for(0, size);
    const auto datagram = request(AeadId::aes_siv_cmac_256, size, count);
    REQUIRE(datagram.size() + 48 <= 1280);
    REQUIRE((count == 7 || datagram.size() + 48 + 4 + size > 1280));
  }
  CHECK(placeholders_for(0, 2000) == 0);
}

TEST_CASE("a response made under S2C is accepted with its header and its cookies") {
  for (const auto id : testing::all_aeads) {
    const auto s2c = sample_aead(id, 50);
    const base::Buffer one(96, 1);
    const base::Buffer two(96, 2);
    const base::Bytes cookies[] = {one, two};
    auto accepted = verify(response(s2c, cookies), s2c);
    REQUIRE(accepted);
    CHECK(accepted->header() == server_header());
    CHECK(accepted->cookies() == std::vector{one, two});
  }
}

TEST_CASE("a response with any octet of the covered part changed is not accepted") {
  const auto s2c = sample_aead(AeadId::aes_siv_cmac_256, 50);
  const base::Buffer cookie(96, 1);
  const base::Bytes cookies[] = {cookie};
  base::Buffer whole(max_datagram_size);
  whole.resize(protect_response(server_header(), sample_identifier(), cookies, s2c, nonce, 224, whole));
  REQUIRE(whole.size() == 224);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto changed = whole;
    changed[i] ^= 1U;
    const auto packet = parse(changed);
    if (!packet) continue;
    REQUIRE_FALSE(verify_response(*packet, changed, sample_identifier(), s2c));
  }
}

TEST_CASE("another key, another identifier and a missing one are told apart") {
  const auto s2c = sample_aead(AeadId::aes_siv_cmac_256, 50);
  const auto other = sample_aead(AeadId::aes_siv_cmac_256, 51);
  CHECK(verify(response(other, {}), s2c).error() == ResponseError::not_authentic);
  auto id = sample_identifier();
  id[31] ^= 1U;
  CHECK(verify(response(s2c, {}, id), s2c).error() == ResponseError::wrong_unique_identifier);
  CHECK(verify(by_hand(s2c, {}, {}), s2c).error() == ResponseError::no_unique_identifier);
  CHECK(verify(by_hand(s2c, {}, {}, {FieldType::unique_identifier}), s2c).error() ==
        ResponseError::no_unique_identifier);
  CHECK(verify(by_hand(s2c, {FieldType::unique_identifier, FieldType::unique_identifier}, {}), s2c).error() ==
        ResponseError::wrong_unique_identifier);
}

TEST_CASE("a response without an authenticator, or with a broken one, is not accepted") {
  const auto s2c = sample_aead(AeadId::aes_siv_cmac_256, 50);
  auto datagram = by_hand(s2c, {FieldType::unique_identifier}, {});
  const auto cut = base::Buffer(datagram.begin(), datagram.begin() + 84);
  CHECK(verify(cut, s2c).error() == ResponseError::no_authenticator);
  datagram[84 + 4] = 0xff;  // the nonce's length
  CHECK(verify(datagram, s2c).error() == ResponseError::bad_authenticator);
}

TEST_CASE("cookies count only inside the ciphertext") {
  const auto s2c = sample_aead(AeadId::aes_siv_cmac_256, 50);
  auto accepted = verify(
      by_hand(s2c, {FieldType::unique_identifier, FieldType::nts_cookie}, {}, {FieldType::nts_cookie}), s2c);
  REQUIRE(accepted);
  CHECK(accepted->cookies().empty());
}

TEST_CASE("inside the ciphertext empty cookies are dropped, eight are kept, and odd fields are refused") {
  const auto s2c = sample_aead(AeadId::aes_siv_cmac_256, 50);
  const auto with = [&](std::string_view plaintext) {
    return verify(by_hand(s2c, {FieldType::unique_identifier}, testing::octets(plaintext)), s2c);
  };
  CHECK(with("02040004"
             "02040008"
             "01020304"
             "ff000004")
            .value()
            .cookies()
            .size() == 1);
  std::string many;
  for (int i = 0; i < 12; ++i) many += "0204000801020304";
  CHECK(with(many).value().cookies().size() == 8);
  CHECK(with("02040000").error() == ResponseError::bad_authenticator);
  CHECK(with("0204000a010203040506").error() == ResponseError::bad_authenticator);
  CHECK(with("0204000c01020304").error() == ResponseError::bad_authenticator);
  CHECK(with("0204").error() == ResponseError::bad_authenticator);
}

TEST_CASE("a NAK is one only with our identifier") {
  const Header asked{.transmit = {0x1122334455667788}};
  base::Buffer nak(100);
  nak.resize(write_nak(asked, sample_identifier(), nak));
  REQUIRE(nak.size() == 84);
  const auto packet = parse(nak);
  REQUIRE(packet);
  CHECK(is_nts_nak(*packet, sample_identifier()));
  CHECK(packet->header.origin == asked.transmit);
  CHECK(packet->header.leap == base::LeapIndicator::unsynchronised);
  CHECK(packet->header.mode == Mode::server);
  auto other = sample_identifier();
  other[0] ^= 1U;
  CHECK_FALSE(is_nts_nak(*packet, other));
  auto request = *packet;
  request.header.mode = Mode::client;
  CHECK_FALSE(is_nts_nak(request, sample_identifier()));
  auto stratum_1 = *packet;
  stratum_1.header.stratum = 1;
  CHECK_FALSE(is_nts_nak(stratum_1, sample_identifier()));
  auto rate = *packet;
  rate.header.reference_id = base::reference_id("RATE");
  CHECK_FALSE(is_nts_nak(rate, sample_identifier()));
}
