// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/nts/records.hpp"
#include "protocol/nts/session.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/protocol/vectors.hpp"

using namespace gnomon;
using namespace gnomon::protocol;
using testing::message;
using testing::octets;

namespace {

const KeRequest both{{30, 15}};

constexpr auto next_protocol = "80010002 0000";
constexpr auto aead_15 = "80040002 000f";
constexpr auto aead_30 = "80040002 001e";
constexpr auto cookie = "00050004 01020304";
constexpr auto end = "80000000";

void append(base::Buffer& text, std::initializer_list<std::string_view> records) {
  const auto more = message(records);
  text.insert(text.end(), more.begin(), more.end());
}

auto parse(std::initializer_list<std::string_view> records, const KeRequest& request = both) {
  return parse_ke_response(message(records), request);
}

KeResponseError error_of(std::initializer_list<std::string_view> records, const KeRequest& request = both) {
  const auto response = parse(records, request);
  REQUIRE_FALSE(response);
  return response.error().error;
}

}  // namespace

TEST_CASE("a request offers the AEADs in order, and record 1024 when 30 is among them") {
  CHECK(encode(both) == message({next_protocol, "80040004 001e 000f", "04000000", end}));
  CHECK(encode(KeRequest{{15}}) == message({next_protocol, aead_15, end}));
}

TEST_CASE("a good response gives AEAD, cookies, server and port, in any order of records") {
  const auto response = parse({cookie, "80070002 1092", aead_30, "12340000", "04000000",
                               "80060008 6e74702e74657374", "80050004 05060708", next_protocol, end});
  REQUIRE(response);
  CHECK(response->aead == AeadId::aes_128_gcm_siv);
  CHECK(response->compliant_aes_128_gcm_siv);
  CHECK(response->cookies == std::vector{octets("01020304"), octets("05060708")});
  CHECK(response->ntp_server == "ntp.test");
  CHECK(response->ntp_port == 4242);
}

TEST_CASE("record 1024 means nothing beside another AEAD") {
  CHECK_FALSE(parse({next_protocol, aead_15, "04000000", cookie, end})->compliant_aes_128_gcm_siv);
}

TEST_CASE("an Error record aborts, even beside good cookies and after other faults") {
  const auto response = parse({"80010002 0001", aead_15, cookie, "80020002 0002", end});
  REQUIRE_FALSE(response);
  CHECK(response.error().error == KeResponseError::error_record);
  CHECK(response.error().code == 2);
  CHECK(error_of({next_protocol, aead_15, cookie, "80020000", end}) == KeResponseError::error_record);
}

TEST_CASE("a Warning aborts, as no code is defined") {
  const auto response = parse({next_protocol, aead_15, "80030002 0007", cookie, end});
  REQUIRE_FALSE(response);
  CHECK(response.error().error == KeResponseError::warning_record);
  CHECK(response.error().code == 7);
}

TEST_CASE("unknown records abort only when they are critical") {
  CHECK(parse({next_protocol, aead_15, "12340001 00", cookie, end}));
  CHECK(error_of({next_protocol, aead_15, "92340001 00", cookie, end}) ==
        KeResponseError::unknown_critical_record);
}

TEST_CASE("a missing, empty, foreign, doubled or odd Next Protocol record aborts") {
  CHECK(error_of({aead_15, cookie, end}) == KeResponseError::bad_next_protocol);
  CHECK(error_of({"80010000", end}) == KeResponseError::no_common_protocol);
  CHECK(error_of({"80010002 0001", aead_15, cookie, end}) == KeResponseError::bad_next_protocol);
  CHECK(error_of({"80010004 00000001", aead_15, cookie, end}) == KeResponseError::bad_next_protocol);
  CHECK(error_of({"80010001 00", aead_15, cookie, end}) == KeResponseError::bad_next_protocol);
  CHECK(error_of({next_protocol, next_protocol, aead_15, cookie, end}) == KeResponseError::duplicate_record);
}

TEST_CASE("a missing, empty, odd, doubled or foreign AEAD aborts") {
  CHECK(error_of({next_protocol, cookie, end}) == KeResponseError::bad_aead);
  CHECK(error_of({next_protocol, "80040000", end}) == KeResponseError::no_common_aead);
  CHECK(error_of({next_protocol, "80040003 000f00", cookie, end}) == KeResponseError::bad_aead);
  CHECK(error_of({next_protocol, "80040004 000f001e", cookie, end}) == KeResponseError::bad_aead);
  CHECK(error_of({next_protocol, aead_15, aead_15, cookie, end}) == KeResponseError::duplicate_record);
  CHECK(error_of({next_protocol, "80040002 0011", cookie, end}) == KeResponseError::aead_not_offered);
  CHECK(error_of({next_protocol, aead_30, cookie, end}, KeRequest{{15}}) ==
        KeResponseError::aead_not_offered);
}

TEST_CASE("a response without a usable cookie aborts") {
  CHECK(error_of({next_protocol, aead_15, end}) == KeResponseError::no_cookie);
  CHECK(error_of({next_protocol, aead_15, "00050000", end}) == KeResponseError::no_cookie);
}

TEST_CASE("eight cookies are kept, of differing lengths, padded to four octets, none too long") {
  auto text = message({next_protocol, aead_15, "00050003 0a0b0c"});
  for (int i = 0; i < 64; ++i) append(text, {cookie});
  append(text, {end});
  const auto response = parse_ke_response(text, both);
  REQUIRE(response);
  CHECK(response->cookies.size() == 8);
  CHECK(base::to_hex(response->cookies[0]) == "0a0b0c00");
  base::Buffer long_one = message({next_protocol, aead_15, cookie, "00050104"});
  long_one.resize(long_one.size() + 0x104, 0x55);
  append(long_one, {end});
  CHECK(parse_ke_response(long_one, both)->cookies.size() == 1);
}

TEST_CASE("a server that is no address or name, and a port that is none, abort") {
  const auto with = [](std::string_view record) {
    return error_of({next_protocol, aead_15, cookie, record, end});
  };
  CHECK(with("80060000") == KeResponseError::bad_server);
  CHECK(with("80060002 6100") == KeResponseError::bad_server);
  CHECK(with("80060002 6120") == KeResponseError::bad_server);
  CHECK(with("80060008 666538303a3a2531") == KeResponseError::bad_server);  // a zone id
  CHECK(with("80060002 61ff") == KeResponseError::bad_server);
  CHECK(with("80070002 0000") == KeResponseError::bad_port);
  CHECK(with("80070001 7b") == KeResponseError::bad_port);
  CHECK(error_of({next_protocol, aead_15, "80070002 007b", "80070002 007b", cookie, end}) ==
        KeResponseError::duplicate_record);
}

TEST_CASE("a response cut anywhere is no response") {
  const auto whole = message({next_protocol, aead_15, cookie, end});
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const auto response = parse_ke_response(base::Bytes{whole}.first(i), both);
    REQUIRE_FALSE(response);
    REQUIRE(response.error().error == KeResponseError::truncated);
  }
  CHECK(error_of({next_protocol, aead_15, cookie, "00000000"}) == KeResponseError::bad_end);
  CHECK(error_of({next_protocol, aead_15, cookie, "80000002 0000"}) == KeResponseError::bad_end);
}

TEST_CASE("what a server encodes a client reads") {
  const KeAnswer answer{{AeadId::aes_siv_cmac_256, true, false}, {base::Buffer(96, 7)}, "::1", {}};
  const auto response = parse_ke_response(encode(answer), both);
  REQUIRE(response);
  CHECK(response->cookies == answer.cookies);
  CHECK(response->ntp_server == "::1");
  CHECK_FALSE(response->ntp_port);
}

TEST_CASE("failures have words, and those after TLS began are told apart") {
  CHECK(to_text(KeResponseError::no_cookie) == "no usable cookie");
  CHECK(to_text(KeResponseError::duplicate_record) == "a record is there twice");
  CHECK(to_text(KeFailureReason::certificate_expired) == "certificate has expired");
  CHECK_FALSE(KeFailure{KeFailureReason::connect_refused, ""}.reached_tls());
  CHECK(KeFailure{KeFailureReason::tls_handshake, ""}.reached_tls());
  CHECK(KeFailure{KeFailureReason::no_common_aead, ""}.reached_tls());
}
