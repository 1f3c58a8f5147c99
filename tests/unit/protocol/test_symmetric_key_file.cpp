// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/mac/symmetric_key_file.hpp"

#include <string>

#include "protocol/crypto/keyed_digest.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::protocol;

namespace {

SymmetricKeyFile parse(std::string_view text) {
  return parse_symmetric_keys(text, is_supported);
}

bool has_key(const SymmetricKeyFile& file, std::uint32_t id, KeyType type, std::string_view octets) {
  const auto* const key = file.keys.find(id);
  return key != nullptr && key->type == type && key->octets == KeyOctets{base::as_bytes(octets)};
}

// What is said about a file of one line.
std::string complaint(const std::string& line) {
  const auto file = parse(line);
  CHECK(file.keys.size() == 0);
  REQUIRE(file.complaints.size() == 1);
  CHECK(file.complaints[0].line == 1);
  return file.complaints[0].text;
}

bool says(const std::string& line, std::string_view words) {
  const auto text = complaint(line);
  INFO(text);
  return text.contains(words);
}

}  // namespace

TEST_CASE("keys are read as chrony's manual shows them") {
  const auto file = parse(
      "10 tulip\n11 hyacinth\n20 MD5 ASCII:crocus\n25 SHA1 HEX:933F62BE1D604E68A81B557F18CFA200483F5B70\n"
      "30 AES128 HEX:7EA62AE64D190114D46D5A082F948EC1\n"
      "31 AES256 HEX:37DDCBC67BB902BCB8E995977FAB4D2B5642F5B32EBCEEE421921D97E5CBFE39\n");
  CHECK(file.complaints.empty());
  CHECK(file.keys.size() == 6);
  CHECK(has_key(file, 10, KeyType::md5, "tulip"));
  CHECK(has_key(file, 20, KeyType::md5, "crocus"));
  REQUIRE(file.keys.find(25) != nullptr);
  CHECK(base::to_hex(file.keys.find(25)->octets.reveal()) == "933f62be1d604e68a81b557f18cfa200483f5b70");
  CHECK(file.keys.find(30)->octets.size() == 16);
  CHECK(file.keys.find(31)->type == KeyType::aes256);
}

TEST_CASE("comments, empty lines and white space are no keys") {
  const auto file = parse("# a\n! b\n ; c\n\t%d\n\n   \r\n  7\tSHA256   rose \r\n8 SHA1 #lily");
  CHECK(file.complaints.empty());
  CHECK(has_key(file, 7, KeyType::sha256, "rose"));
  CHECK(has_key(file, 8, KeyType::sha1, "#lily"));
  CHECK(parse("").complaints.empty());
}

TEST_CASE("of a line that is no key only what is wrong is said") {
  CHECK(says("7", "ID [TYPE] KEY"));
  CHECK(says("seven SHA1 rose", "ID [TYPE] KEY"));
  CHECK(says("0 SHA1 rose", "ID [TYPE] KEY"));
  CHECK(says("4294967296 SHA1 rose", "ID [TYPE] KEY"));
  CHECK(says("7 SHA1 two words", "ID [TYPE] KEY"));
  CHECK(says("7 SHA1 HEX:abc", "odd number"));
  CHECK(says("7 SHA1 HEX:0g", "other than hexadecimal"));
  CHECK(says("7 SHA1 HEX:", "is empty"));
  CHECK(says("7 SHA1 ASCII:", "is empty"));
  CHECK(says("7 AES128 HEX:00112233", "has 32 bits, but AES128 needs 128"));
  CHECK(says("7 AES256 HEX:7EA62AE64D190114D46D5A082F948EC1", "has 128 bits, but AES256 needs 256"));
  CHECK(says("7 SHA1 HEX:" + std::string(2050, 'a'), "longer than 1024 octets"));
  CHECK(says("7 SHA1 " + std::string(1025, 'a'), "longer than 1024 octets"));
  CHECK(says("7 WHIRLPOOL rose", "the types are MD5, SHA1"));
  for (const std::string line : {"7 half secret", "7 SHA1 secret word", "x SHA1 secret", "7 SHA1 HEX:secret"})
    CHECK_FALSE(says(line, "secret"));
}

TEST_CASE("a complaint names line and number, and the other lines count") {
  const auto file = parse("# first\n7 sha1 rose\n8 SHA1 rose\n8 SHA1 lily\n");
  REQUIRE(file.complaints.size() == 2);
  CHECK(file.complaints[0].line == 2);
  CHECK(file.complaints[0].id == 7);
  CHECK(file.complaints[1].line == 4);
  CHECK(file.complaints[1].id == 8);
  CHECK(file.complaints[1].text.contains("duplicate"));
  CHECK(has_key(file, 8, KeyType::sha1, "rose"));
}

TEST_CASE("a complaint names the word that is wrong") {
  const auto column = [](std::string_view line) {
    const auto file = parse(line);
    REQUIRE(file.complaints.size() == 1);
    return file.complaints[0].column;
  };
  CHECK(column("  x SHA1 rose") == 3);
  CHECK(column("7") == 1);
  CHECK(column("7 SHA1 rose lily") == 13);
  CHECK(column("7\tWHIRLPOOL rose") == 3);
  CHECK(column("7 SHA1  HEX:0g") == 9);
  CHECK(column("7 HEX:0g") == 3);
  CHECK(column("7 AES128 HEX:00") == 10);
  CHECK(parse("7 SHA1 rose\n 7 SHA1 lily").complaints.at(0).column == 2);
}

TEST_CASE("who cannot compute a type says so") {
  const auto file = parse_symmetric_keys("7 SHA512 rose\n8 SHA1 lily",
                                         [](KeyType type) { return type != KeyType::sha512; });
  REQUIRE(file.complaints.size() == 1);
  CHECK(file.complaints[0].column == 3);
  CHECK(file.complaints[0].text == "SHA512 is not supported by the wolfSSL library of this system");
  CHECK(file.keys.find(8) != nullptr);
}

TEST_CASE("a key may be as long as an object holds") {
  const std::string longest(1024, 'k');
  CHECK(has_key(parse("1 SHA512 " + longest), 1, KeyType::sha512, longest));
}
