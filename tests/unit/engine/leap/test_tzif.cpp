// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/leap/tzif.hpp"

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "daemon/core/engine/leap/leap_list.hpp"
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

// One entry of TZif's 64-bit block.
struct Record {
  std::int64_t at;
  std::int32_t total;
};

std::string tzif(const std::vector<Record>& records, char version = '2') {
  base::Buffer octets(512);
  base::ByteWriter out(octets);
  for (int block = 0; block < 2; ++block) {
    out.write(base::as_bytes("TZif"));
    out.write(static_cast<std::uint8_t>(version));
    out.write_zeros(15);
    const auto leaps = static_cast<std::uint32_t>(block == 0 ? 0 : records.size());
    for (const std::uint32_t count : {1U, 1U, leaps, 0U, 1U, 4U}) out.write(count);
    out.write_zeros(6);
    out.write(base::as_bytes(std::string_view("UTC\0", 4)));
    if (block == 1)
      for (const Record& r : records) {
        out.write(static_cast<std::uint64_t>(r.at));
        out.write(static_cast<std::uint32_t>(r.total));
      }
    out.write_zeros(2);
  }
  return {octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(out.size())};
}

}  // namespace

TEST_CASE("right/UTC says the same as the list") {
  const auto zone = parse_tzif_leaps(base::as_bytes(file("right-UTC.tzif")));
  const auto list = parse_leap_list(file("leap-seconds.list"));
  REQUIRE(zone);
  REQUIRE(list);
  CHECK(zone->entries == list->entries);
  CHECK_FALSE(zone->expires);
}

TEST_CASE("a compiled zone is read whatever stands before its leap seconds") {
  const auto table = parse_tzif_leaps(base::as_bytes(tzif({{78796800, 1}, {94694401, 2}})));
  REQUIRE(table);
  CHECK(table->entries.at(2) == LeapTable::Entry{utc(1973, 1, 1), 12});
}

TEST_CASE("a zone may say when it expires and may delete seconds") {
  const std::int64_t midnight = 1'877'558'400;  // 2029-07-01
  const auto table = parse_tzif_leaps(base::as_bytes(
      tzif({{78796800, 1}, {midnight - 1 + 1, 0}, {midnight + std::int64_t{86400} * 100, 0}}, '4')));
  REQUIRE(table);
  CHECK(table->entries.back() == LeapTable::Entry{utc(2029, 7, 1), 10});
  CHECK(table->expires == utc(2029, 7, 1) + 24h * 100);
}

TEST_CASE("zones that are wrong are refused with the reason") {
  const auto error = [](const std::string& octets) {
    const auto table = parse_tzif_leaps(base::as_bytes(octets));
    return table ? std::string{"none"} : table.error();
  };
  const std::string good = tzif({{78796800, 1}, {94694401, 2}});
  CHECK(error(good) == "none");
  CHECK(error("TZ") == "it is not a compiled time zone (TZif)");
  CHECK(error(tzif({{78796800, 1}}, '\0')).find("version 1") != std::string::npos);
  CHECK(error(tzif({})) == "it has no leap seconds: use right/UTC");
  CHECK(error(tzif({{78796800, 2}})) == "its leap seconds contradict each other");
  CHECK(error(tzif({{78796801, 1}})) == "its leap seconds contradict each other");
  CHECK(error(tzif({{-78796800, 1}})) == "its leap seconds cannot be read");
  for (std::size_t size = 0; size < good.size() - 2; ++size) CHECK(error(good.substr(0, size)) != "none");
}

}  // namespace gnomon::testing
