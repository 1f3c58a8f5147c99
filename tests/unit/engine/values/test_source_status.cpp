// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/source_status.hpp"

#include <chrono>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

TEST_CASE("a status is what an association's report says, and eight requests are often") {
  AssociationReport report;
  report.reach = 0377;
  report.unreachable_too_long = true;
  report.awaited_until = base::MonoTime{5s};
  report.ntp.total_tx = 7;
  const SourceStatus status = status_of(report);
  CHECK(status.reach == 0377);
  CHECK(status.unreachable_too_long);
  CHECK(status.awaited_until == base::MonoTime{5s});
  CHECK_FALSE(status.asked_often);
  report.ntp.total_tx = 8;
  CHECK(status_of(report).asked_often);
  CHECK(status_of(report) != status);
}

}  // namespace gnomon::testing
