// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/nts/cookie_file.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::protocol;

namespace {

const std::string key_a(64, 'A');
const std::string key_b(64, 'B');
const std::string beginning = "NNC0\ntime.example\n1795424400.5\n192.0.2.1 123\n";
const std::string good = beginning + "3 15 " + key_a + " " + key_b + "\n0102030405060708\nF1F2F3F4F5F6F7F8\n";

std::string fault_of(const std::string& text) {
  const auto file = parse_cookie_file(text);
  return file ? std::string{"none"} : file.error();
}

}  // namespace

TEST_CASE("a cookie file of chrony is read and written back the same") {
  const auto file = parse_cookie_file(good);
  REQUIRE(file);
  CHECK(file->name == "time.example");
  CHECK(file->established == base::RealTime{std::chrono::milliseconds{1795424400500}});
  CHECK(file->ntp == base::Endpoint{*base::parse_address("192.0.2.1"), 123});
  CHECK(file->context == 3);
  CHECK(file->keys.aead == AeadId::aes_siv_cmac_256);
  CHECK(file->keys.s2c == base::Secret{base::Buffer(32, 0xaa)});
  CHECK(file->keys.c2s == base::Secret{base::Buffer(32, 0xbb)});
  CHECK(file->cookies.size() == 2);
  CHECK(to_cookie_file(*file) == good);
  CHECK(parse_cookie_file(good.substr(0, good.size() - 1)));  // chrony ends without a line feed
}

TEST_CASE("what is wrong with a cookie file is said with its line") {
  CHECK(fault_of("") == "line 1: this is no file of NTS cookies (NNC0 is expected)");
  CHECK(fault_of("NKS1\n") == "line 1: this is no file of NTS cookies (NNC0 is expected)");
  CHECK(fault_of(beginning) == "line 4: the file ends before the first cookie");
  CHECK(fault_of(beginning + "3 15 " + key_a + " " + key_b + "\n") ==
        "line 5: the file ends before the first cookie");
  CHECK(fault_of("NNC0\na b\n1.0\n192.0.2.1 123\n3 15 A B\nAA\n").starts_with("line 2"));
  CHECK(fault_of("NNC0\na\nnan\n192.0.2.1 123\n3 15 A B\nAA\n").starts_with("line 3"));
  CHECK(fault_of("NNC0\na\n-5e-9\n192.0.2.1 123\n3 15 A B\nAA\n").starts_with("line 3"));
  CHECK(fault_of("NNC0\na\n1e300\n192.0.2.1 123\n3 15 A B\nAA\n").starts_with("line 3"));
  CHECK(fault_of("NNC0\na\n1.0\nhost 123\n3 15 A B\nAA\n").starts_with("line 4"));
  CHECK(fault_of("NNC0\na\n1.0\n192.0.2.1 0\n3 15 A B\nAA\n").starts_with("line 4"));
  CHECK(fault_of(beginning + "3 99 " + key_a + " " + key_b + "\nAA\n") ==
        "line 5: the AEAD is not supported");
  CHECK(fault_of(beginning + "3 30 " + key_a + " " + key_b + "\nAA\n").starts_with("line 5: a key"));
  CHECK(fault_of(good + "nothex\n") == "line 8: this is no cookie in hexadecimal");
  std::string many = good;
  for (int i = 0; i < 7; ++i) many += "AABBCCDD\n";
  CHECK(fault_of(many) == "line 14: too many cookies");
}
