// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/nts/authenticator.hpp"
#include "protocol/nts/protection.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/protocol/vectors.hpp"

using namespace gnomon;
using namespace gnomon::protocol;
using testing::sample_aead;
using testing::sample_identifier;

namespace {

const NonceEntropy nonce{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
const base::Buffer cookie(96, 0xc0);

// Builds requests field by field.
class RequestBuilder {
 public:
  explicit RequestBuilder(Header header = {}) { write_header(header, writer_); }
  RequestBuilder(const RequestBuilder&) = delete;
  RequestBuilder& operator=(const RequestBuilder&) = delete;
  ~RequestBuilder() = default;

  RequestBuilder& add(FieldType type, base::Bytes body) {
    write_field(type, body, writer_);
    return *this;
  }
  RequestBuilder& identifier() { return add(FieldType::unique_identifier, sample_identifier()); }
  RequestBuilder& cookie_field() { return add(FieldType::nts_cookie, cookie); }
  RequestBuilder& placeholder(std::size_t size = 96) {
    return add(FieldType::nts_cookie_placeholder, base::Buffer(size));
  }
  // An authenticator with this nonce and `padding` octets after the ciphertext.
  RequestBuilder& seal(const Aead& c2s, base::Bytes nonce_used, base::Bytes plaintext = {},
                       std::size_t padding = 0) {
    const std::size_t sealed = plaintext.size() + aead_tag_size;
    base::Buffer body(4 + base::round_up_to_4(nonce_used.size()) + base::round_up_to_4(sealed) + padding);
    base::ByteWriter inner{body};
    inner.write(static_cast<std::uint16_t>(nonce_used.size()));
    inner.write(static_cast<std::uint16_t>(sealed));
    inner.write(nonce_used);
    inner.write_zeros(base::round_up_to_4(nonce_used.size()) - nonce_used.size());
    REQUIRE(c2s.seal(nonce_used, writer_.written(), plaintext, inner.reserve(sealed)));
    return add(FieldType::nts_authenticator, body);
  }
  [[nodiscard]] base::Bytes datagram() const { return writer_.written(); }
  [[nodiscard]] std::expected<NtsRequest, NtsRequestError> read() const {
    const auto packet = parse(datagram());
    REQUIRE(packet);
    return read_nts_request(*packet, datagram());
  }

 private:
  std::array<std::uint8_t, max_datagram_size> octets_{};
  base::ByteWriter writer_{octets_};
};

Aead siv() {
  return sample_aead(AeadId::aes_siv_cmac_256);
}

void check_malformed(const RequestBuilder& builder) {
  const auto request = builder.read();
  REQUIRE_FALSE(request);
  CHECK(request.error() == NtsRequestError::malformed);
}

base::Buffer inner_placeholders(std::size_t count, std::size_t body_size) {
  base::Buffer fields(count * (4 + body_size));
  base::ByteWriter writer{fields};
  for (std::size_t i = 0; i < count; ++i)
    write_field(FieldType::nts_cookie_placeholder, base::Buffer(body_size), writer, 0);
  return fields;
}

Header server_header() {
  return {.mode = Mode::server, .stratum = 3};
}

}  // namespace

TEST_CASE("a client's request is read and verified, for every AEAD") {
  for (const auto id : testing::all_aeads) {
    const auto c2s = sample_aead(id);
    const auto datagram = protect_request(Header{}, sample_identifier(), cookie, 3, c2s, nonce);
    auto request = read_nts_request(parse(datagram).value(), datagram);
    REQUIRE(request);
    CHECK(base::to_hex(request->unique_identifier) == base::to_hex(sample_identifier()));
    CHECK(base::to_hex(request->cookie) == base::to_hex(cookie));
    CHECK(request->placeholders == 3);
    CHECK(padding_suffices(*request, id));
    CHECK(verify_request(*request, datagram, c2s));
    CHECK(request->placeholders == 3);
    CHECK_FALSE(verify_request(*request, datagram, sample_aead(id, 2)));
  }
}

TEST_CASE("a request whose covered octets changed does not verify") {
  const auto c2s = siv();
  const auto whole = protect_request(Header{}, sample_identifier(), cookie, 1, c2s, nonce);
  const auto packet = parse(whole);
  const auto original = read_nts_request(*packet, whole);
  for (std::size_t i = 0; i < original->authenticator_offset; ++i) {
    auto changed = whole;
    changed[i] ^= 1U;
    NtsRequest request = *original;
    REQUIRE_FALSE(verify_request(request, changed, c2s));
  }
}

TEST_CASE("a request with no NTS field is plain, with or without an identifier") {
  CHECK(RequestBuilder{}.read().error() == NtsRequestError::not_nts);
  CHECK(RequestBuilder{}.identifier().read().error() == NtsRequestError::not_nts);
}

TEST_CASE("anything but one identifier, one cookie and one authenticator is malformed") {
  const auto c2s = siv();
  check_malformed(RequestBuilder{}.cookie_field().seal(c2s, nonce));
  check_malformed(RequestBuilder{}.identifier().seal(c2s, nonce));
  check_malformed(RequestBuilder{}.identifier().cookie_field());
  check_malformed(RequestBuilder{}.identifier().placeholder());
  check_malformed(RequestBuilder{}.identifier().identifier().cookie_field().seal(c2s, nonce));
  check_malformed(RequestBuilder{}.identifier().cookie_field().cookie_field().seal(c2s, nonce));
  check_malformed(RequestBuilder{}.identifier().cookie_field().seal(c2s, nonce).seal(c2s, nonce));
}

TEST_CASE("an identifier shorter than 32 octets is malformed, a longer one is not") {
  const auto c2s = siv();
  check_malformed(
      RequestBuilder{}.add(FieldType::unique_identifier, base::Buffer(28)).cookie_field().seal(c2s, nonce));
  CHECK(RequestBuilder{}
            .add(FieldType::unique_identifier, base::Buffer(64))
            .cookie_field()
            .seal(c2s, nonce)
            .read());
}

TEST_CASE("fields after the authenticator are as if they were not there") {
  const auto c2s = siv();
  check_malformed(RequestBuilder{}.identifier().seal(c2s, nonce).cookie_field());
  check_malformed(RequestBuilder{}.cookie_field().seal(c2s, nonce).identifier());
  RequestBuilder builder;
  builder.identifier().cookie_field().seal(c2s, nonce).placeholder().cookie_field().identifier();
  auto request = builder.read();
  REQUIRE(request);
  CHECK(request->placeholders == 0);
  CHECK(verify_request(*request, builder.datagram(), c2s));
}

TEST_CASE("NTS fields in another mode or version are malformed or unseen") {
  const auto c2s = siv();
  check_malformed(
      RequestBuilder{Header{.mode = Mode::symmetric_active}}.identifier().cookie_field().seal(c2s, nonce));
  RequestBuilder version_3{Header{.version = 3}};
  version_3.identifier();
  CHECK(version_3.read().error() == NtsRequestError::not_nts);
}

TEST_CASE("placeholders of another length than the cookie's do not count") {
  const auto c2s = siv();
  const auto request = RequestBuilder{}
                           .identifier()
                           .placeholder(12)
                           .cookie_field()
                           .placeholder(96)
                           .placeholder(100)
                           .placeholder(92)
                           .seal(c2s, nonce)
                           .read();
  REQUIRE(request);
  CHECK(request->placeholders == 1);
}

TEST_CASE("placeholders inside the ciphertext count when they are as long as the cookie") {
  const auto c2s = siv();
  const auto count = [&](const base::Buffer& plaintext) {
    RequestBuilder builder;
    builder.identifier().cookie_field().placeholder().seal(c2s, nonce, plaintext);
    auto request = builder.read();
    REQUIRE(request);
    REQUIRE(verify_request(*request, builder.datagram(), c2s));
    return request->placeholders;
  };
  CHECK(count(inner_placeholders(2, 96)) == 3);
  CHECK(count(inner_placeholders(200, 0)) == 1);
  CHECK(count(inner_placeholders(100, 4)) == 1);
  CHECK(count(inner_placeholders(9, 96)) == 7);
}

TEST_CASE("an authenticator with impossible lengths is malformed") {
  const auto malformed = [](std::string_view lengths) {
    auto body = testing::octets(lengths);
    body.resize(44);
    const auto request =
        RequestBuilder{}.identifier().cookie_field().add(FieldType::nts_authenticator, body).read();
    return !request && request.error() == NtsRequestError::malformed;
  };
  CHECK(malformed("00000010"));
  CHECK(malformed("0010000f"));
  CHECK(malformed("ffffffff"));
  CHECK(malformed("0010ffff"));
  CHECK(malformed("00100019"));
  CHECK_FALSE(malformed("00100018"));
}

TEST_CASE("a short nonce needs the padding that a full one would take") {
  const auto c2s = siv();
  const auto short_nonce = base::Bytes{nonce}.first(5);
  check_malformed(RequestBuilder{}.identifier().cookie_field().seal(c2s, short_nonce));
  check_malformed(RequestBuilder{}.identifier().cookie_field().seal(c2s, short_nonce, {}, 4));
  RequestBuilder builder;
  builder.identifier().cookie_field().seal(c2s, short_nonce, {}, 8);
  auto request = builder.read();
  REQUIRE(request);
  CHECK(padding_suffices(*request, AeadId::aes_siv_cmac_256));
  CHECK(verify_request(*request, builder.datagram(), c2s));
}

TEST_CASE("twelve octets of nonce suffice for AES-GCM-SIV alone") {
  const auto request =
      RequestBuilder{}.identifier().cookie_field().seal(siv(), base::Bytes{nonce}.first(12)).read();
  REQUIRE(request);
  CHECK(padding_suffices(*request, AeadId::aes_128_gcm_siv));
  CHECK_FALSE(padding_suffices(*request, AeadId::aes_siv_cmac_256));
}

TEST_CASE("a response is exactly as long as its request") {
  for (const auto id : testing::all_aeads) {
    const auto s2c = sample_aead(id, 9);
    for (std::size_t placeholders = 0; placeholders <= 7; ++placeholders) {
      const auto request = protect_request(Header{}, sample_identifier(), cookie, placeholders, s2c, nonce);
      const std::vector<base::Bytes> cookies(1 + placeholders, base::Bytes{cookie});
      base::Buffer out(max_datagram_size);
      REQUIRE(protect_response(server_header(), sample_identifier(), cookies, s2c, nonce, request.size(),
                               out) == request.size());
    }
  }
}

TEST_CASE("a response that would be longer than its request is not made") {
  const auto s2c = siv();
  const base::Bytes cookies[] = {cookie, cookie};
  base::Buffer out(max_datagram_size);
  CHECK(protect_response(server_header(), sample_identifier(), cookies, s2c, nonce, 323, out) == 0);
  CHECK(protect_response(server_header(), sample_identifier(), cookies, s2c, nonce, 324, out) == 324);
  CHECK(protect_response(server_header(), sample_identifier(), cookies, s2c, nonce, 327, out) == 324);
  for (std::size_t size = 0; size < 324; ++size)
    REQUIRE(protect_response(server_header(), sample_identifier(), cookies, s2c, nonce, size, out) == 0);
  base::Buffer small(300);
  CHECK(protect_response(server_header(), sample_identifier(), cookies, s2c, nonce, 1000, small) == 0);
}

TEST_CASE("a NAK is the header and the identifier, or nothing where that does not fit") {
  base::Buffer out(84);
  CHECK(write_nak(Header{}, sample_identifier(), out) == 84);
  base::Buffer small(83);
  CHECK(write_nak(Header{}, sample_identifier(), small) == 0);
}

TEST_CASE("an authenticator that was written is read again") {
  const auto aead = siv();
  base::Buffer out(200);
  base::ByteWriter writer{out};
  REQUIRE(write_authenticator(aead, nonce, cookie, 160, writer));
  CHECK(writer.size() == 160);
  const auto read = read_authenticator(writer.written().subspan(4));
  REQUIRE(read);
  CHECK(base::to_hex(read->nonce) == base::to_hex(nonce));
  CHECK(read->ciphertext.size() == cookie.size() + aead_tag_size);
}
