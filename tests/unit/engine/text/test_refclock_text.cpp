// SPDX-License-Identifier: GPL-2.0-or-later
// The causes of reference clocks as words; the sentences are in test_explanation.cpp.
#include "daemon/core/engine/text/refclock_text.hpp"

#include <set>

#include "tests/unit/catch.hpp"

using namespace gnomon::engine;

TEST_CASE("each trouble of a reference clock has its own word and sentence") {
  CHECK_FALSE(explain_trouble(RefclockTrouble::none));
  std::set<std::string_view> causes;
  for (int i = 1; i <= static_cast<int>(RefclockTrouble::not_synchronised); ++i) {
    const auto told = explain_trouble(static_cast<RefclockTrouble>(i));
    REQUIRE(told);
    CHECK(causes.insert(told->cause).second);
    CHECK_FALSE(told->what.empty());
  }
}

TEST_CASE("a clock that has begun is waited for") {
  AssociationReport report;
  report.ntp.total_good_rx = 1;
  CHECK(explain_missing_readings(report, 3).cause == "gathering");
  CHECK(explain_missing_readings(report, 3).what.starts_with("has given 1 sample so far and 3 are needed"));
  report.trouble = RefclockTrouble::silent;
  CHECK(explain_missing_readings(report, 3).cause == "no_readings");
}
