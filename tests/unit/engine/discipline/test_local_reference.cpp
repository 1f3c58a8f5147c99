// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/local_reference.hpp"

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

LocalReference::Clock synchronised(double distance, double since_update = 0) {
  return {.distance = base::Seconds{distance},
          .since_start = base::Seconds{1000},
          .since_update = base::Seconds{since_update}};
}

LocalReference::Clock never_synchronised(double since_start) {
  return {.since_start = base::Seconds{since_start}};
}

}  // namespace

TEST_CASE("without `local` our clock is never served for its own sake") {
  const LocalReference local({});
  CHECK_FALSE(local.takes_over(never_synchronised(1e6)));
  CHECK_FALSE(local.orphan_stratum());
}

TEST_CASE("our clock takes over where it is not synchronised, or too far off") {
  const LocalReference local(config::Local{.stratum = {7}, .distance = base::Seconds{0.5}});
  CHECK(local.stratum() == 7);
  CHECK(local.takes_over(never_synchronised(0)));
  CHECK_FALSE(local.takes_over(synchronised(0.5)));
  CHECK(local.takes_over(synchronised(0.6)));
}

TEST_CASE("it waits after the start and after the last update") {
  const LocalReference local(config::Local{.distance = base::Seconds{0.5},
                                           .wait_synced = base::Seconds{100},
                                           .wait_unsynced = base::Seconds{300}});
  CHECK_FALSE(local.takes_over(never_synchronised(299)));
  CHECK(local.takes_over(never_synchronised(300)));
  CHECK_FALSE(local.takes_over(synchronised(1, 99)));
  CHECK(local.takes_over(synchronised(1, 100)));
}

TEST_CASE("with `activate` it must have been good once, and a new command begins from the start") {
  const config::Local settings{.activate = base::Seconds{0.1}};
  LocalReference local(settings);
  local.look(base::Seconds{0.1});
  CHECK_FALSE(local.takes_over(never_synchronised(0)));
  local.look(base::Seconds{0.09});
  local.look(base::Seconds{5});
  CHECK(local.takes_over(never_synchronised(0)));
  local.apply(ServeLocal{settings});
  CHECK_FALSE(local.takes_over(never_synchronised(0)));
  local.apply(ServeLocal{});
  CHECK_FALSE(local.takes_over(never_synchronised(0)));
}

TEST_CASE("it says until when its answer holds: until a wait is over or the distance has grown") {
  const LocalReference local(config::Local{.distance = base::Seconds{0.5},
                                           .wait_synced = base::Seconds{100},
                                           .wait_unsynced = base::Seconds{300}});
  CHECK(local.holds_for(never_synchronised(299), 1e-3) == base::Seconds{1});
  CHECK_FALSE(local.holds_for(never_synchronised(300), 1e-3));
  CHECK(local.holds_for(synchronised(0.25, 40), 1e-3) == base::Seconds{60});
  CHECK(local.holds_for(synchronised(0.25, 100), 1e-3)->count() == Approx(250));
  CHECK_FALSE(local.holds_for(synchronised(1, 100), 1e-3));
  CHECK_FALSE(LocalReference(std::nullopt).holds_for(synchronised(0.25, 40), 1e-3));
}

TEST_CASE("an orphan knows its like by the stratum") {
  CHECK(LocalReference(config::Local{.stratum = {6}, .orphan = true}).orphan_stratum() == 6);
  CHECK_FALSE(LocalReference(config::Local{.stratum = {6}}).orphan_stratum());
}

}  // namespace gnomon::testing
