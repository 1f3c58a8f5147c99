// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/rtc_file.hpp"

#include <string>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using base::parse_rtc_file;
using base::RtcFile;

TEST_CASE("what chronyd has written is read, and written the same way") {
  const std::string text = "1 1262313900 -9.010001 99.980\n";
  const auto file = parse_rtc_file(text);
  REQUIRE(file);
  CHECK(*file == RtcFile{1262313900, base::Seconds{-9.010001}, {99.98}});
  CHECK(base::to_text(*file) == text);
  CHECK(base::to_text({0, base::Seconds{0.25}, {-0.5}}) == "1 0 0.250000 -0.500\n");
}

TEST_CASE("the error grows with the drift since the reading") {
  const RtcFile file{1000, base::Seconds{2}, {100}};
  CHECK(file.fast_at(1000) == base::Seconds{2});
  CHECK(file.fast_at(1000 + 86400).count() == Approx(2 + 8.64));
  CHECK(file.fast_at(0).count() == Approx(1.9));
}

TEST_CASE("coefficients that are not valid, and what is none") {
  for (const char* text : {"", "\n", "0 1262313900 -9.0 99.98\n", "2 1262313900 0 0\n", "1 1262313900 0\n",
                           "1 1262313900 0 0 0\n", "1 -1 0 0\n", "1 9000000001 0 0\n", "1 0 1e10 0\n",
                           "1 0 nan 0\n", "1 0 0 inf\n", "1 0 0 500001\n", "1 0x10 0 0\n", "one 0 0 0\n"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rtc_file(text));
  }
  CHECK(parse_rtc_file("  1\t1262313900  +1.5 2e0 \r\n") == RtcFile{1262313900, base::Seconds{1.5}, {2}});
}
