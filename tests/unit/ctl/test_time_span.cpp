// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/time_span.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;

TEST_CASE("lengths of time are read with their units, and nothing else is") {
  CHECK(parse_time_span("10ms") == 0.01);
  CHECK(parse_time_span("60") == 60.0);
  CHECK(parse_time_span("1.5 s") == 1.5);
  CHECK(parse_time_span("2min") == 120.0);
  CHECK(parse_time_span("2h") == 7200.0);
  CHECK(parse_time_span("1d") == 86400.0);
  for (const char* wrong : {"", "ms", "-1s", "1 2", "10parsecs", "1e3", "0x10", "nan", "10ms "})
    CHECK_FALSE(parse_time_span(wrong));
}

TEST_CASE("lengths of time are written in the unit that suits them") {
  CHECK(time_span_text(0.00025) == "250 us");
  CHECK(time_span_text(-0.0015) == "1.5 ms");
  CHECK(time_span_text(60) == "60.0 s");
}
