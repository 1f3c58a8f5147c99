// SPDX-License-Identifier: GPL-2.0-or-later
// Network cards' clocks that are fakes behind the same call: followed, set, gone, replaced.
#include "daemon/core/clock/hardware_clocks.hpp"

#include <cerrno>

#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using core::ClockDriver;
using core::HardwareClocks;
using testing::Loop;

namespace {

config::HardwareSettings two_lines() {
  config::HardwareSettings hardware;
  hardware.timestamping = {
      config::HardwareTimestamp{.interface = "eth0", .min_poll = 0},
      config::HardwareTimestamp{.interface = "*", .min_poll = 2, .no_cross_timestamp = true}};
  hardware.timestamp_timeout = base::Seconds{0.005};
  return hardware;
}

struct Fixture {
  Loop loop;
  testing::RememberingLog log;
  ClockDriver clock_driver{
      loop.tasks, {}, nullptr, {.on_events = [](const core::ClockEvents&) {}, .on_settled = [] {}}};
  base::Duration ahead = 37s;  // of the card's clock
  int error = 0;
  int reads = 0;
  int changes = 0;
  core::CrossTimestamps cross{};
  HardwareClocks clocks{
      loop.tasks,
      two_lines(),
      clock_driver,
      log,
      {.on_changed = [this] { ++changes; },
       .read = [this](int, unsigned count, core::CrossTimestamps use) { return read(count, use); }}};

  Fixture() { static_cast<void>(clock_driver.start()); }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;
  ~Fixture() { loop.drain(); }

  HardwareClocks::Readings read(unsigned count, core::CrossTimestamps use) {
    ++reads;
    cross = use;
    if (error != 0) return std::unexpected(base::OsError{"ioctl", error});
    const auto now = loop.now().real;
    return std::vector(count, base::PhcReading{now, now + 1us, now.time_since_epoch() + ahead});
  }
  void pass(base::Duration time) {
    loop.run_ready();
    for (base::Duration passed{}; passed < time; passed += 100ms) {
      loop.advance(100ms);
      loop.run_ready();
    }
  }
  [[nodiscard]] std::optional<base::RealTime> stamp() const {
    const auto now = loop.now().real;
    return clocks.table()->departure(2, now.time_since_epoch() + ahead, now);
  }
};

}  // namespace

TEST_CASE("a card's clock is read twice at once and then at its interval") {
  Fixture f;
  CHECK(f.clocks.table()->empty());
  f.clocks.add({.interface = 2, .name = "eth0", .speed = 1000}, {});
  CHECK(f.clocks.table()->has(2));
  CHECK_FALSE(f.stamp());
  f.pass(200ms);
  CHECK(f.reads == 2);
  REQUIRE(f.stamp());
  CHECK(base::to_seconds(*f.stamp() - f.loop.now().real).count() == Approx(0).margin(1e-6));
  f.pass(10s);
  CHECK(f.reads == 12);
  CHECK(f.changes >= 12);
  CHECK(f.cross == core::CrossTimestamps::use);
}

TEST_CASE("each card has the options of its line") {
  Fixture f;
  f.clocks.add({.interface = 3, .name = "eth1", .line = 1}, {});
  f.pass(9s);
  CHECK(f.reads == 4);
  CHECK(f.cross == core::CrossTimestamps::avoid);
  f.clocks.add({.interface = 4, .name = "eth2", .line = 2}, {});  // there is no such line
  CHECK_FALSE(f.clocks.table()->has(4));
}

TEST_CASE("a card's clock that jumps is not believed until it is known again") {
  Fixture f;
  f.clocks.add({.interface = 2, .name = "eth0"}, {});
  f.pass(5s);
  f.ahead = 0s;
  CHECK_FALSE(f.stamp());  // the old line puts it 37 s away
  f.pass(1s);
  CHECK_FALSE(f.stamp());
  f.pass(1s);
  CHECK(f.stamp());
}

TEST_CASE("a card that goes is said once, and another of its name takes its place") {
  Fixture f;
  f.clocks.add({.interface = 2, .name = "eth0"}, {});
  f.pass(3s);
  f.error = ENODEV;
  f.pass(5s);
  CHECK(f.log.events == std::vector{base::LogEvent::nic_lost});
  CHECK_FALSE(f.clocks.table()->has(2));
  const int reads = f.reads;
  f.pass(5s);
  CHECK(f.reads == reads);
  f.error = 0;
  f.clocks.add({.interface = 2, .name = "eth0"}, {});
  f.pass(2s);
  CHECK(f.stamp());
  f.clocks.add({.interface = 7, .name = "eth0"}, {});
  CHECK_FALSE(f.clocks.table()->has(2));
  CHECK(f.clocks.table()->has(7));
}

TEST_CASE("after somebody has set the system clock the cards' clocks are read afresh") {
  Fixture f;
  f.clocks.add({.interface = 2, .name = "eth0"}, {});
  f.pass(5s);
  CHECK(f.stamp());
  f.clocks.on_clock_jumped();
  CHECK_FALSE(f.stamp());
  f.pass(2s);
  CHECK(f.stamp());
}
