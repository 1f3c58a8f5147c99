// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/parameter.hpp"

#include <array>

#include "tests/unit/catch.hpp"

using namespace gnomon::refclock;

namespace {

constexpr std::array<std::string_view, 3> known{"perm", "clear", "pin"};

}  // namespace

TEST_CASE("A parameter has a name and options") {
  const auto parsed = parse_parameter("/dev/ptp0:clear:pin=-1:perm=0644", known);
  REQUIRE(parsed);
  CHECK(parsed->name == "/dev/ptp0");
  CHECK(parsed->has("clear"));
  CHECK(parsed->number("pin", -1, 255) == -1);
  CHECK(parsed->number("perm", 0, 0777, 8) == 0644);
  const auto plain = parse_parameter("0", known);
  REQUIRE(plain);
  CHECK_FALSE(plain->has("perm"));
  CHECK(plain->number("perm", 0, 0777, 8) == std::nullopt);
}

TEST_CASE("What a driver does not know is named") {
  CHECK(parse_parameter("/dev/pps0:assert", known).error() == "its driver has no option 'assert'");
  CHECK(parse_parameter("/dev/pps0:", known).error() == "its driver has no option ''");
  CHECK(parse_parameter("", known).error() == "its parameter is empty");
  CHECK(parse_parameter(":clear", known).error() == "its parameter is empty");
  const auto parsed = parse_parameter("x:pin=300", known);
  CHECK(parsed->number("pin", -1, 255).error() == "its option pin=300 is out of range");
  CHECK_FALSE(parse_parameter("x:perm=9", known)->number("perm", 0, 0777, 8));
  CHECK_FALSE(parse_parameter("x:pin", known)->number("pin", -1, 255));
}
