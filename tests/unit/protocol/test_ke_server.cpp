// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/nts/records.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/protocol/vectors.hpp"

using namespace gnomon;
using namespace gnomon::protocol;
using testing::message;
using testing::octets;

namespace {

constexpr AeadId default_order[] = {AeadId::aes_128_gcm_siv, AeadId::aes_siv_cmac_256};

constexpr auto next_protocol = "8001000200 00";
constexpr auto aead_15 = "800400020 00f";
constexpr auto end = "80000000";

std::expected<KeOffer, KeErrorCode> parse(std::initializer_list<std::string_view> records) {
  return parse_ke_request(message(records), default_order);
}

void check_refused(std::initializer_list<std::string_view> records, KeErrorCode code) {
  const auto offer = parse(records);
  REQUIRE_FALSE(offer);
  CHECK(offer.error() == code);
}

}  // namespace

TEST_CASE("the shortest good request gets AEAD 15") {
  const auto offer = parse({next_protocol, aead_15, end});
  REQUIRE(offer);
  CHECK(offer->ntpv4);
  CHECK(offer->aead == AeadId::aes_siv_cmac_256);
  CHECK_FALSE(offer->compliant_aes_128_gcm_siv);
}

TEST_CASE("the first of the client's AEADs that is allowed is taken") {
  CHECK(parse({next_protocol, "80040006 0001 000f 001e", end})->aead == AeadId::aes_siv_cmac_256);
  CHECK(parse({next_protocol, "00040004 001e 000f", end})->aead == AeadId::aes_128_gcm_siv);
  CHECK(parse({next_protocol, "80040004 0011 000f", end})->aead == AeadId::aes_siv_cmac_256);
}

TEST_CASE("record 1024 counts only with AEAD 30") {
  CHECK(parse({next_protocol, "80040002 001e", "04000000", end})->compliant_aes_128_gcm_siv);
  CHECK_FALSE(parse({next_protocol, aead_15, "04000000", end})->compliant_aes_128_gcm_siv);
  check_refused({next_protocol, "80040002 001e", "04000001 00", end}, KeErrorCode::bad_request);
}

TEST_CASE("no common protocol and no common AEAD are answers, not errors") {
  CHECK_FALSE(parse({"80010002 0001", end})->ntpv4);
  const auto offer = parse({next_protocol, "80040002 0010", end});
  REQUIRE(offer);
  CHECK(offer->ntpv4);
  CHECK_FALSE(offer->aead);
}

TEST_CASE("unknown records are skipped, unless they are critical") {
  CHECK(parse({next_protocol, "12340003 abcdef", aead_15, "7fff0000", end})->aead);
  check_refused({next_protocol, "92340003 abcdef", aead_15, end}, KeErrorCode::unrecognized_critical_record);
}

TEST_CASE("a request without exactly one good Next Protocol record is bad") {
  check_refused({aead_15, end}, KeErrorCode::bad_request);
  check_refused({next_protocol, next_protocol, aead_15, end}, KeErrorCode::bad_request);
  check_refused({"80010003 000000", aead_15, end}, KeErrorCode::bad_request);
  check_refused({"80010000", aead_15, end}, KeErrorCode::bad_request);
  check_refused({"00010002 0000", aead_15, end}, KeErrorCode::bad_request);
}

TEST_CASE("a request for NTPv4 without exactly one good AEAD record is bad") {
  check_refused({next_protocol, end}, KeErrorCode::bad_request);
  check_refused({next_protocol, aead_15, aead_15, end}, KeErrorCode::bad_request);
  check_refused({next_protocol, "80040003 000f00", end}, KeErrorCode::bad_request);
  check_refused({next_protocol, "80040000", end}, KeErrorCode::bad_request);
}

TEST_CASE("records that only a server sends are bad in a request") {
  for (const auto record : {"80020002 0000", "80030002 0000", "00050004 00000000"})
    check_refused({next_protocol, aead_15, record, end}, KeErrorCode::bad_request);
}

TEST_CASE("wishes for a server and a port are read over, once each and when well-formed") {
  CHECK(parse({next_protocol, aead_15, "00060003 612e62", "00070002 007b", end})->aead);
  check_refused({next_protocol, aead_15, "00060001 61", "00060001 62", end}, KeErrorCode::bad_request);
  check_refused({next_protocol, aead_15, "00070003 00007b", end}, KeErrorCode::bad_request);
}

TEST_CASE("a message that does not end well is bad") {
  check_refused({}, KeErrorCode::bad_request);
  check_refused({next_protocol, aead_15}, KeErrorCode::bad_request);
  check_refused({next_protocol, aead_15, "00000000"}, KeErrorCode::bad_request);
  check_refused({next_protocol, aead_15, "80000001 00"}, KeErrorCode::bad_request);
  check_refused({next_protocol, "80040004 000f"}, KeErrorCode::bad_request);
}

TEST_CASE("what follows End of Message is no part of the request") {
  CHECK(parse({next_protocol, aead_15, end, "80020002 0000"})->aead);
}

TEST_CASE("a good answer has its records in the usual order") {
  const KeAnswer answer{{AeadId::aes_128_gcm_siv, true, true},
                        {octets("01020304"), octets("05060708")},
                        "a.b",
                        std::uint16_t{4123}};
  CHECK(encode(answer) == message({"80010002 0000", "80040002 001e", "04000000", "80070002 101b",
                                   "80060003 612e62", "00050004 01020304", "00050004 05060708", end}));
}

TEST_CASE("an answer without a common AEAD or protocol has an empty record and no cookie") {
  CHECK(encode(KeAnswer{{std::nullopt, true, false}, {octets("01020304")}, "", {}}) ==
        message({next_protocol, "80040000", end}));
  CHECK(encode(KeAnswer{{std::nullopt, false, false}, {octets("01020304")}, "", {}}) ==
        message({"80010000", end}));
}

TEST_CASE("an error answer is one Error record") {
  CHECK(encode_ke_error(KeErrorCode::bad_request) == message({"80020002 0001", end}));
  CHECK(encode_ke_error(KeErrorCode::internal_server_error) == message({"80020002 0002", end}));
}

TEST_CASE("a message that comes one octet at a time is complete with the last one") {
  const auto whole = message({next_protocol, "12340003 abcdef", aead_15, end});
  for (std::size_t i = 0; i < whole.size(); ++i)
    REQUIRE(ke_progress(base::Bytes{whole}.first(i), max_ke_request_size) == KeProgress::need_more);
  CHECK(ke_progress(whole, max_ke_request_size) == KeProgress::complete);
  CHECK(ke_progress(message({next_protocol, aead_15, end, "ff"}), max_ke_request_size) ==
        KeProgress::complete);
}

TEST_CASE("of a message that comes octet by octet each record is looked at once, with the same outcome") {
  for (const auto& each :
       {message({next_protocol, "12340003 abcdef", aead_15, end}),
        message({"12340000", "12340000", "00000000"}), message({"12340000", "1234ffff"})}) {
    std::size_t whole = 0;
    auto progress = KeProgress::need_more;
    for (std::size_t i = 1; i <= each.size() && progress == KeProgress::need_more; ++i) {
      const auto before = whole;
      progress = ke_progress(base::Bytes{each}.first(i), max_ke_request_size, whole);
      REQUIRE(progress == ke_progress(base::Bytes{each}.first(i), max_ke_request_size));
      CHECK(whole >= before);
      if (progress == KeProgress::need_more) CHECK(i - whole < 7);
    }
    CHECK(progress != KeProgress::need_more);
  }
}

TEST_CASE("a message that cannot end within the limit is known as soon as its header says so") {
  CHECK(ke_progress(octets("1234ffff"), 4096) == KeProgress::too_long);
  CHECK(ke_progress(octets("12340ff8"), 4096) == KeProgress::need_more);
  CHECK(ke_progress(message({next_protocol, aead_15, end}), 16) == KeProgress::complete);
  CHECK(ke_progress(message({next_protocol, aead_15}), 15) == KeProgress::too_long);
}

TEST_CASE("an End of Message with a body or without its bit is malformed") {
  CHECK(ke_progress(octets("00000000"), 4096) == KeProgress::malformed);
  CHECK(ke_progress(octets("80000001"), 4096) == KeProgress::malformed);
}
