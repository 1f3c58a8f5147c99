// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/suppressed_reminder.hpp"

#include "base/log_throttle.hpp"
#include "tests/unit/async/virtual_loop.hpp"

using namespace gnomon;
using namespace std::chrono_literals;

namespace {

struct CountingLog final : base::Log {
  void take(const base::LogMessage& /*message*/) override {}
  void report_suppressed() override { ++reminders; }
  int reminders = 0;
};

struct Fixture {
  testing::Loop loop;
  CountingLog log;
  core::SuppressedReminder reminder{loop.loop, log};

  Fixture() {
    loop.tasks.spawn("reminder", reminder.run());
    loop.run_ready();
  }
  ~Fixture() { loop.drain(); }
  void pass(base::Duration time) {
    loop.advance(time);
    loop.run_ready();
  }
};

}  // namespace

TEST_CASE("without messages nothing is awaited") {
  Fixture f;
  CHECK_FALSE(f.loop.loop.next_due());
  f.pass(24h);
  CHECK(f.log.reminders == 0);
}

TEST_CASE("when no more messages come, what was left out is told once, and then it rests") {
  Fixture f;
  f.reminder.on_message();
  f.loop.run_ready();
  const int at_first = f.log.reminders;
  f.pass(base::flood_interval - 1s);
  CHECK(f.log.reminders == at_first);
  f.pass(1s);
  CHECK(f.log.reminders == at_first + 1);
  CHECK_FALSE(f.loop.loop.next_due());
  f.pass(24h);
  CHECK(f.log.reminders == at_first + 1);
}

TEST_CASE("a later message puts the reminder off, and one after a rest is the first again") {
  Fixture f;
  f.reminder.on_message();
  f.loop.run_ready();
  f.pass(base::flood_interval / 2);
  f.reminder.on_message();
  f.pass(base::flood_interval / 2);
  REQUIRE(f.loop.loop.next_due());
  CHECK(*f.loop.loop.next_due() == f.loop.now().mono + base::flood_interval / 2);
  f.pass(base::flood_interval / 2);
  CHECK_FALSE(f.loop.loop.next_due());
  f.reminder.on_message();
  f.loop.run_ready();
  CHECK(f.loop.loop.next_due());
}
