// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/nts/cookie.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/protocol/vectors.hpp"

using namespace gnomon;
using namespace gnomon::protocol;

namespace {

const std::string nks1 =
    "NKS1\n"
    "1234.5\n"
    "9A6C3F3E 000102030405060708090A0B0C0D0E0F 30\n"
    "1E7FDC97 101112131415161718191A1B1C1D1E1F 30\n"
    "00C0FFE4 202122232425262728292A2B2C2D2E2F 30\n"
    "DEADBEE5 303132333435363738393A3B3C3D3E3F303132333435363738393A3B3C3D3E3F 15\n";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

std::string error_of(const std::string& text) {
  const auto file = parse_key_file(text);
  return file ? "no error" : file.error();
}

}  // namespace

TEST_CASE("a file of chrony's server keys gives the keys in their slots and the third as the current") {
  const auto file = parse_key_file(nks1);
  REQUIRE(file);
  CHECK(file->age == base::Seconds{1234.5});
  CHECK(file->set.current == 0);
  CHECK(file->set.keys[0].id == 0x00c0ffe4);
  CHECK(file->set.keys[1].aead == AeadId::aes_siv_cmac_256);
  CHECK(file->set.keys[2].id == 0x9a6c3f3e);
  CHECK(base::to_hex(file->set.keys[3].key.reveal()) == "101112131415161718191a1b1c1d1e1f");
}

TEST_CASE("writing a key file gives the text that was read") {
  const auto file = parse_key_file(nks1);
  REQUIRE(file);
  CHECK(to_key_file(file->set, file->age) == nks1);
}

TEST_CASE("the older form names the AEAD once") {
  const auto file = parse_key_file(
      "NKS0\n30 7.0\n"
      "00000001 000102030405060708090A0B0C0D0E0F\n"
      "00000002 101112131415161718191A1B1C1D1E1F\n"
      "00000003 202122232425262728292A2B2C2D2E2F\n"
      "00000004 303132333435363738393A3B3C3D3E3F\n");
  REQUIRE(file);
  CHECK(file->set.current == 3);
  CHECK(file->set.keys[0].id == 4);
  CHECK(file->set.keys[3].aead == AeadId::aes_128_gcm_siv);
  CHECK(file->age == base::Seconds{7});
}

TEST_CASE("a key file that is damaged is refused with its line") {
  CHECK(error_of("") == "line 1: this is no file of NTS server keys (NKS1 is expected)");
  CHECK(error_of("NKS2\n") == "line 1: this is no file of NTS server keys (NKS1 is expected)");
  CHECK(error_of(nks1.substr(0, 60)) == "line 4: four keys are expected after the age");
  CHECK(error_of(nks1 + "0 00 30\n") == "line 7: four keys are expected after the age");
  CHECK(error_of(replaced(nks1, "1234.5", "soon")) == "line 2: the age is not a number of seconds");
  CHECK(error_of(replaced(nks1, "1234.5", "-1")) == "line 2: the age is not a number of seconds");
  CHECK(error_of(replaced(nks1, "1234.5", "nan")) == "line 2: the age is not a number of seconds");
  CHECK(error_of(replaced(nks1, "9A6C3F3E", "9A6C3F3Z")) == "line 3: the key id is not hexadecimal");
  CHECK(error_of(replaced(nks1, "9A6C3F3E", "19A6C3F3E")) == "line 3: the key id is not hexadecimal");
  CHECK(error_of(replaced(nks1, "1E7FDC97", "1E7FDC96")) == "line 4: the key id is out of order");
  CHECK(error_of(replaced(nks1, "2E2F 30", "2E2G 30")) == "line 5: the key is not hexadecimal");
  CHECK(error_of(replaced(nks1, "2E2F 30", "2E 30")) ==
        "line 5: the key has another length than its AEAD needs");
  CHECK(error_of(replaced(nks1, "2E2F 30", "2E2F 31")) == "line 5: the AEAD is not supported");
  CHECK(error_of(replaced(nks1, "2E2F 30", "2E2F")) == "line 5: a key has an id, its octets and its AEAD");
}

TEST_CASE("an age beyond all reason counts as very old, and can be reckoned with") {
  const auto file = parse_key_file(replaced(nks1, "1234.5", "1e300"));
  REQUIRE(file);
  CHECK(file->age == base::Seconds{1e9});
}

TEST_CASE("no message about a key file shows a key") {
  for (const auto& text : {replaced(nks1, "2E2F 30", "2E2F 31"), replaced(nks1, "2E2F 30", "2E 30"),
                           replaced(nks1, "2E2F 30", "2E2G 30")})
    CHECK(error_of(text).find("2021222324") == std::string::npos);
}
