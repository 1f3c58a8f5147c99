// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/events/kept_log.hpp"

#include <array>
#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace core;

namespace {

struct NoClock final : base::Clock {
  [[nodiscard]] base::Now now() const override { return {}; }
  [[nodiscard]] base::Duration asleep() const override { return {}; }
};

}  // namespace

TEST_CASE("who follows is told of what comes, while it waits and until it goes") {
  std::vector<std::uint8_t> memory(4096);
  const NoClock clock;
  KeptLog log{memory, clock};
  const std::array<std::uint8_t, 3> fields{1, 2, 3};
  int woken = 0;
  {
    KeptLog::Follower follower{log, [&woken] { ++woken; }};
    log.add(fields);
    CHECK(woken == 1);
    follower.set_waits(false);
    log.add(fields);
    CHECK(woken == 1);
    CHECK(log.followers() == 1);
    follower.set_waits(true);
    log.add(fields);
    CHECK(woken == 2);
  }
  log.add(fields);
  CHECK(woken == 2);
  CHECK(log.followers() == 0);
  CHECK(log.ring().next() == 5);
}

}  // namespace gnomon::testing
