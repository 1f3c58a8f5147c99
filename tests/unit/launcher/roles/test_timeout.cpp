// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/timeout.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using launcher::Timeout;

TEST_CASE("the shortest time that is asked for counts, in any order") {
  Timeout timeout;
  CHECK_FALSE(timeout.longest());
  timeout.no_longer_than(5s);
  timeout.no_longer_than(2s);
  timeout.no_longer_than(3s);
  CHECK(timeout.longest() == 2s);
}

TEST_CASE("what is overdue, first or last, leaves no time and never less than that") {
  Timeout overdue_first;
  overdue_first.no_longer_than(-1ns);
  overdue_first.no_longer_than(5s);
  CHECK(overdue_first.longest() == 0s);
  Timeout overdue_last;
  overdue_last.no_longer_than(5s);
  overdue_last.no_longer_than(-10s);
  CHECK(overdue_last.longest() == 0s);
}
