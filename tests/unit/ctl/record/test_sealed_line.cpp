// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/record/sealed_line.hpp"

#include <string>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace ctl;

namespace {

std::string without_break(std::string line) {
  line.pop_back();
  return line;
}

}  // namespace

TEST_CASE("the check sum is that of everybody else") {
  CHECK(crc32("123456789") == 0xcbf43926);
  CHECK(crc32("") == 0);
}

TEST_CASE("a line has check sum, number and its object") {
  const auto line = sealed(7, R"({"kind":"end"})");
  CHECK(line.starts_with(R"({"check":")"));
  CHECK(line.ends_with("\",\"line\":7,\"kind\":\"end\"}\n"));
  CHECK(unsealed(7, without_break(line)) == R"("kind":"end"})");
}

TEST_CASE("an octet that was altered is found wherever it is") {
  const auto line = without_break(sealed(12, R"({"kind":"lost","lines":3})"));
  for (std::size_t at = 0; at < line.size(); ++at)
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto altered = line;
      altered[at] = static_cast<char>(static_cast<unsigned char>(altered[at]) ^ (1U << bit));
      CHECK_FALSE(unsealed(12, altered));
    }
}

TEST_CASE("a line that was cut is found wherever it was") {
  const auto line = without_break(sealed(12, R"({"kind":"lost","lines":3})"));
  for (std::size_t size = 0; size < line.size(); ++size) CHECK_FALSE(unsealed(12, line.substr(0, size)));
}

TEST_CASE("a line in another's place is found") {
  const auto line = without_break(sealed(12, R"({"kind":"end"})"));
  CHECK_FALSE(unsealed(1, line));
  CHECK_FALSE(unsealed(13, line));
}

}  // namespace gnomon::testing
