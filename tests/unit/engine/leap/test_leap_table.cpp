// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/leap/leap_table.hpp"

#include <chrono>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

base::RealTime utc(int year, unsigned month, unsigned day, base::Duration into_day = 0s) {
  const std::chrono::sys_days date{
      std::chrono::year_month_day{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}}};
  return base::RealTime{base::Duration{date.time_since_epoch()} + into_day};
}

}  // namespace

TEST_CASE("an expired table says nothing any more") {
  LeapTable table{.expires = utc(2026, 6, 28)};
  REQUIRE(table.append({utc(2017, 1, 1), 37}));
  REQUIRE(table.append({utc(2026, 7, 1), 38}));
  CHECK(table.leap_at_end_of(utc(2026, 6, 27)) == base::LeapIndicator::none);
  CHECK(table.leap_at_end_of(utc(2026, 6, 30)) == base::LeapIndicator::none);
  CHECK(table.expired(utc(2026, 6, 28)));
  CHECK_FALSE(table.expired(utc(2026, 6, 27)));
  CHECK_FALSE(table.tai_offset(utc(2026, 6, 28)));
}

TEST_CASE("a second that is deleted is known as such") {
  LeapTable table;
  REQUIRE(table.append({utc(2017, 1, 1), 37}));
  REQUIRE(table.append({utc(2029, 7, 1), 36}));
  CHECK(table.leap_at_end_of(utc(2029, 6, 30, 5h)) == base::LeapIndicator::remove);
}

TEST_CASE("a table takes what is in order, at midnight, by one second and within bounds only") {
  LeapTable table;
  CHECK_FALSE(table.append({utc(1972, 1, 1), least_tai_offset - 1}));
  CHECK_FALSE(table.append({utc(1972, 1, 1, 1s), 10}));
  REQUIRE(table.append({utc(1972, 1, 1), 10}));
  CHECK_FALSE(table.append({utc(1972, 1, 1), 11}));
  CHECK_FALSE(table.append({utc(1972, 7, 1), 12}));
  CHECK_FALSE(table.append({utc(1972, 7, 1), 10}));
  REQUIRE(table.append({utc(1972, 7, 1), 11}));
  CHECK(table.entries.size() == 2);
  CHECK(table.tai_offset(utc(1972, 6, 30)) == 10);
  CHECK(table.tai_offset(utc(1972, 7, 1)) == 11);
  CHECK_FALSE(table.tai_offset(utc(1971, 12, 31)));
  // The first entry says since when it holds, and not that a second was inserted.
  CHECK(table.leap_at_end_of(utc(1971, 12, 31)) == base::LeapIndicator::none);
  CHECK(table.leap_at_end_of(utc(1972, 6, 30)) == base::LeapIndicator::insert);
}

}  // namespace gnomon::testing
