// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/number.hpp"

#include <cstdint>
#include <limits>

#include "tests/unit/catch.hpp"

using gnomon::base::parse_number;

TEST_CASE("a number is the whole text and nothing else") {
  CHECK(parse_number<int>("42") == 42);
  CHECK(parse_number<int>("-7") == -7);
  CHECK(parse_number<double>("1e-6") == 1e-6);
  CHECK(parse_number<double>(".5") == 0.5);
  for (const char* text : {"", " 1", "1 ", "+1", "1x", "0x10", "--1", "1,5"}) {
    INFO(text);
    CHECK_FALSE(parse_number<int>(text));
    CHECK_FALSE(parse_number<double>(text));
  }
  CHECK_FALSE(parse_number<int>("1.0"));
}

TEST_CASE("a number that its type cannot hold is none, and an infinite one neither") {
  CHECK(parse_number<std::uint8_t>("255") == 255);
  CHECK_FALSE(parse_number<std::uint8_t>("256"));
  CHECK_FALSE(parse_number<std::uint32_t>("-1"));
  CHECK(parse_number<std::int64_t>("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  for (const char* text : {"inf", "-inf", "nan", "1e400"}) {
    INFO(text);
    CHECK_FALSE(parse_number<double>(text));
  }
}

TEST_CASE("both ends of the range belong to it") {
  CHECK(parse_number<int>("1", {.low = 1, .high = 3}) == 1);
  CHECK(parse_number<int>("3", {.low = 1, .high = 3}) == 3);
  CHECK_FALSE(parse_number<int>("0", {.low = 1, .high = 3}));
  CHECK_FALSE(parse_number<int>("4", {.low = 1, .high = 3}));
  CHECK_FALSE(parse_number<double>("-0.1", {.low = 0}));
}

TEST_CASE("integers are read in other radices") {
  CHECK(parse_number<std::uint16_t>("F323", {}, 16) == 0xF323);
  CHECK(parse_number<unsigned>("377", {}, 8) == 255U);
  CHECK_FALSE(parse_number<unsigned>("8", {}, 8));
}
