// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/patience.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using launcher::Patience;

TEST_CASE("the shortest time that is asked for counts, in any order") {
  Patience patience;
  CHECK_FALSE(patience.longest());
  patience.no_longer_than(5s);
  patience.no_longer_than(2s);
  patience.no_longer_than(3s);
  CHECK(patience.longest() == 2s);
}

TEST_CASE("what is overdue, first or last, leaves no time and never less than that") {
  Patience overdue_first;
  overdue_first.no_longer_than(-1ns);
  overdue_first.no_longer_than(5s);
  CHECK(overdue_first.longest() == 0s);
  Patience overdue_last;
  overdue_last.no_longer_than(5s);
  overdue_last.no_longer_than(-10s);
  CHECK(overdue_last.longest() == 0s);
}
