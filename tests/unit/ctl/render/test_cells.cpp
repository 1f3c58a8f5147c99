// SPDX-License-Identifier: GPL-2.0-or-later
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ctl/render/cells.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;

TEST_CASE("an age is four characters in the largest unit that still says something") {
  const std::vector<std::pair<std::optional<double>, std::string>> cases{
      {std::nullopt, "   -"},   {0, "   0"},     {0.9, "   0"},    {1199.9, "1199"}, {1200, " 20m"},
      {35999, "599m"},          {36000, " 10h"}, {345599, " 95h"}, {345600, "  4d"}, {86400.0 * 999, "999d"},
      {86400.0 * 1000, "  2y"}, {-3, "   0"},
  };
  for (const auto& [seconds, text] : cases) CHECK(age_cell(seconds) == text);
}

TEST_CASE("an age in CSV is whole seconds, and never is the largest number") {
  CHECK(age_csv(25.9) == "25");
  CHECK(age_csv(std::nullopt) == "4294967295");
  CHECK(age_csv(1e12) == "4294967294");
}

TEST_CASE("an offset has its sign and the unit that leaves four digits") {
  const std::vector<std::pair<double, std::string>> cases{
      {0, "   +0ns"},          {-452e-9, " -452ns"},   {9999e-9, "+9999ns"}, {10e-6, "  +10us"},
      {-9.9994e-3, "-9999us"}, {9.9996e-3, "  +10ms"}, {4, "+4000ms"},       {9.9996, " +10.0s"},
      {-999.4, "-999.4s"},     {1000, " +1000s"},      {99999.6, " +1667m"}, {6e6, " +1667h"},
      {3.7e8, " +4282d"},      {9e9, "  +285y"},
  };
  for (const auto& [seconds, text] : cases) CHECK(offset_cell(seconds) == text);
}

TEST_CASE("a length is an offset without its sign, one character narrower") {
  CHECK(length_cell(4) == "4000ms");
  CHECK(length_cell(1312e-9) == "1312ns");
  CHECK(length_cell(-227e-9) == " 227ns");
  CHECK(length_cell(16) == " 16.0s");
}

TEST_CASE("a frequency is ten characters of ppm, without decimals where they do not fit") {
  CHECK(frequency_cell(2000) == "  2000.000");
  CHECK(frequency_cell(100000) == "    100000");
  CHECK(signed_frequency_cell(0) == "    +0.000");
  CHECK(signed_frequency_cell(-123456) == "   -123456");
}

TEST_CASE("dates are in UTC and English whatever the locale") {
  CHECK(date_text(0) == "Thu Jan 01 00:00:00 1970");
  CHECK(date_text(1795402348.258) == "Mon Nov 23 02:52:28 2026");
  CHECK(date_text(1e300) == "Fri Dec 31 23:59:59 9999");
}

TEST_CASE("a reference ID is hexadecimal, and shows the letters among its octets") {
  CHECK(reference_id_hex(0x7f7f0101) == "7F7F0101");
  CHECK(reference_id_text(0x7f7f0101).empty());
  CHECK(reference_id_text(0x47505300) == "GPS");
  CHECK(reference_id_hex(0) == "00000000");
}

TEST_CASE("leap states are chronyc's words") {
  CHECK(leap_text("normal") == "Normal");
  CHECK(leap_text("insert_second") == "Insert second");
  CHECK(leap_text("delete_second") == "Delete second");
  CHECK(leap_text("not_synchronised") == "Not synchronised");
}
