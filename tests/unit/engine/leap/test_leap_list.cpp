// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/leap/leap_list.hpp"

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>

#include "protocol/crypto/sha1.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

std::string file(const std::string& name) {
  std::ifstream stream(std::string(GNOMON_VECTORS "/") + name, std::ios::binary);
  REQUIRE(stream);
  return {std::istreambuf_iterator<char>(stream), {}};
}

base::RealTime utc(int year, unsigned month, unsigned day, base::Duration into_day = 0s) {
  const std::chrono::sys_days date{
      std::chrono::year_month_day{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}}};
  return base::RealTime{base::Duration{date.time_since_epoch()} + into_day};
}

const std::string small =
    "#$ 3676924800\n"
    "#@ 3991593600\n"
    "2272060800 10 # 1 Jan 1972\n"
    "\n"
    "  3644697600\t11\t# 1 Jul 2015 \r\n";

std::string with_line(const std::string& line) {
  return small + line + "\n";
}

}  // namespace

TEST_CASE("SHA-1 is that of RFC 3174") {
  CHECK(base::to_hex(protocol::sha1(base::as_bytes("abc"))) == "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST_CASE("the list that IERS publishes is read, and its hash is right") {
  const auto table = parse_leap_list(file("leap-seconds.list"));
  REQUIRE(table);
  CHECK(table->entries.size() == 28);
  CHECK(table->entries.front() == LeapTable::Entry{utc(1972, 1, 1), 10});
  CHECK(table->entries.back() == LeapTable::Entry{utc(2017, 1, 1), 37});
  CHECK(table->expires == utc(2026, 6, 28));
  CHECK(table->leap_at_end_of(utc(2016, 12, 31, 1s)) == base::LeapIndicator::insert);
  CHECK(table->leap_at_end_of(utc(2016, 12, 30, 24h - 1ns)) == base::LeapIndicator::none);
  CHECK(table->leap_at_end_of(utc(2017, 1, 1)) == base::LeapIndicator::none);
  CHECK(table->tai_offset(utc(2016, 12, 31, 24h - 1ns)) == 36);
  CHECK(table->tai_offset(utc(2017, 1, 1)) == 37);
  CHECK_FALSE(table->tai_offset(utc(1971, 12, 31)));
}

TEST_CASE("lists that are wrong are refused with the line") {
  CHECK(parse_leap_list(small));
  CHECK(parse_leap_list(with_line("3692217600 14")).error() == "line 6 is not understood");
  CHECK_FALSE(parse_leap_list(with_line("3644697600 12")));
  CHECK_FALSE(parse_leap_list(with_line("3692217601 12")));
  CHECK_FALSE(parse_leap_list(with_line("#@ 17179869184")));  // after the last nanosecond that there is
  CHECK_FALSE(parse_leap_list(with_line("3692217600 12 13")));
  CHECK_FALSE(parse_leap_list(with_line("3692217600")));
  CHECK_FALSE(parse_leap_list(with_line("99999999999999999999 12")));
  CHECK_FALSE(parse_leap_list(with_line("#@ never")));
  CHECK_FALSE(parse_leap_list(with_line("#h 1 2 3 4")));
  CHECK(parse_leap_list("#@ 3991593600\n").error() == "it has no line for a leap second");
  CHECK(parse_leap_list("2272060800 10\n").error().starts_with("it does not say when it expires"));
}

TEST_CASE("a hash is compared, leading zeros or not") {
  // of 3676924800 3991593600 2272060800 10 3644697600 11
  CHECK(parse_leap_list(with_line("#h d91ebca5 bcdf36c5 589dd7dd 91fcba54 c38ef31c")));
  CHECK(parse_leap_list(with_line("#h 1 2 3 4 5")).error().starts_with("its hash"));
}

}  // namespace gnomon::testing
