// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/utc_text.hpp"

#include <chrono>
#include <cstdint>
#include <string>

#include "tests/unit/catch.hpp"

using namespace gnomon::base;

namespace {

std::string utc(std::int64_t seconds) {
  std::string text(utc_text_size, ' ');
  format_utc(RealTime{std::chrono::seconds{seconds}}, text.data());
  return text;
}

}  // namespace

TEST_CASE("UTC is written without asking for a time zone") {
  CHECK(utc_seconds(RealTime{std::chrono::seconds{1'483'228'799}}) == "2016-12-31 23:59:59 UTC");
  CHECK(utc_minutes(RealTime{std::chrono::seconds{1'483'228'799}}) == "2016-12-31 23:59 UTC");
  CHECK(utc(0) == "1970-01-01T00:00:00Z");
  CHECK(utc(-1) == "1969-12-31T23:59:59Z");
  CHECK(utc(951'827'696) == "2000-02-29T12:34:56Z");
  CHECK(utc(4'107'542'400) == "2100-03-01T00:00:00Z");
}
