// SPDX-License-Identifier: GPL-2.0-or-later
// Readings from gnomon-refclock (the far end of a channel) become samples of sources.
#include "daemon/core/sources/reference_clocks.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using core::ClockDriver;
using core::ClockEvents;
using core::ReferenceClocks;
using testing::FarEnd;
using testing::Loop;
using namespace std::chrono_literals;

namespace {

config::RefClock shm(const char* reference_id) {
  config::RefClock clock;
  clock.driver = "SHM";
  clock.poll = 0;
  clock.reference_id = reference_id;
  return clock;
}

struct Fixture {
  Loop loop;
  FarEnd role;
  std::vector<std::string> lost;
  engine::LogRecords records;
  ClockDriver clock_driver{loop.tasks, {.steer = false}, nullptr, {.on_events = {}, .on_settled = {}}};
  ReferenceClocks clocks;

  explicit Fixture(std::vector<config::RefClock> lines)
      : clocks(
            loop.tasks, clock_driver, {.clocks = std::move(lines), .clock_precision = 1us, .records = true},
            [this](const ClockEvents& events) {
              records.insert(records.end(), events.records.begin(), events.records.end());
            },
            [this](const std::string& why) { lost.push_back(why); }) {
    static_cast<void>(clock_driver.start());
    static_cast<void>(clocks.start());
    clocks.connect(role.take_near());
    loop.run_ready();
  }
  ~Fixture() { loop.drain(); }
  void tell(std::uint8_t index, base::Duration offset, base::Duration ago = 0s) {
    loop.advance(1s);
    send({read(index, offset, ago)});
  }
  // Of a device that is polled now.
  [[nodiscard]] ipc::RefclockPoll read(std::uint8_t index, base::Duration offset,
                                       base::Duration ago = 0s) const {
    return {.index = index,
            .polled = true,
            .at = loop.now().mono,
            .readings = {{.time = loop.now().real - ago, .offset = offset}}};
  }
  void send(std::vector<ipc::RefclockPoll> polls) {
    role.send(ipc::RefclockReadings{std::move(polls)}, 0);
    loop.run_ready();
  }
  [[nodiscard]] auto report(std::size_t index) const { return clocks.reports(loop.now()).at(index); }
};

}  // namespace

TEST_CASE("a clock that tells the time is selected after three samples") {
  Fixture f{{shm("GPS")}};
  for (int i = 0; i < 4; ++i) f.tell(0, 250ms);
  CHECK(f.report(0).reach == 0x0f);
  CHECK(f.report(0).name == "GPS");
  const auto verdicts = f.clock_driver.keeper().verdicts();
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].state == engine::SourceState::selected);
  CHECK(verdicts[0].evidence.offset.count() == Approx(0.25));
  const auto tracking = f.clock_driver.keeper().tracking(f.loop.now());
  CHECK(tracking.reference_id == base::ReferenceId{0x47505300});
  CHECK(tracking.stratum == 1);
  CHECK(tracking.from_source);
  const auto of_clock = std::ranges::count_if(f.records, [](const engine::LogRecord& record) {
    return std::holds_alternative<engine::RefclockRecord>(record);
  });
  CHECK(of_clock == 8);  // each reading, and each sample
}

TEST_CASE("when its process is gone a clock becomes unreachable, and samples resume with another") {
  Fixture f{{shm("GPS")}};
  for (int i = 0; i < 3; ++i) f.tell(0, 0ms);
  f.role.close();
  f.loop.run_ready();
  CHECK(f.lost.size() == 1);
  f.loop.run_until([&] { return (f.report(0).reach & 7U) == 0; });
  FarEnd another;
  f.clocks.connect(another.take_near());
  f.loop.run_ready();
  another.send(ipc::RefclockReadings{{f.read(0, 0ms)}}, 0);
  f.loop.run_ready();
  CHECK((f.report(0).reach & 1U) == 1);
}

TEST_CASE("what was read before the clock was set does not count") {
  Fixture f{{shm("GPS")}};
  f.clocks.on_clock_set();
  f.tell(0, 0ms, 3s);
  CHECK(f.report(0).reach == 0);
  f.tell(0, 0ms);
  CHECK(f.report(0).reach == 1);
}

TEST_CASE("a device is read after its poll has begun, and not later than now") {
  Fixture f{{shm("PTP")}};
  f.loop.advance(1s);
  auto poll = f.read(0, 0ms);
  poll.readings.front().time += 3ms;
  f.send({poll});
  CHECK(f.report(0).reach == 0);  // of the future
  f.loop.advance(1s);
  poll = f.read(0, 0ms);
  poll.readings.front().time += 3ms;
  f.loop.advance(3ms);
  f.send({poll});
  CHECK(f.report(0).reach == 1);
}

TEST_CASE("readings that waited for others count as if they had come at once") {
  auto gps = shm("GPS");
  auto pps = shm("PPS");
  gps.poll = pps.poll = 2;
  pps.pps = true;
  pps.lock_reference_id = "GPS";
  Fixture f{{gps, pps}};
  std::vector<ipc::RefclockPoll> polls;
  for (int i = 0; i < 4; ++i) {
    f.loop.advance(1s);
    polls.push_back(f.read(0, 40ms, 900ms));
    polls.push_back(f.read(1, 1ms, 500ms));
  }
  f.send(polls);
  CHECK(f.report(0).reach == 1);
  CHECK(f.report(1).reach == 1);
  REQUIRE(f.records.size() == 10);  // eight readings, and a sample of each clock
  for (const auto& record : f.records) {
    const auto& one = std::get<engine::RefclockRecord>(record);
    CHECK(one.offset.count() == Approx(one.reference_id.value == 0x47505300 ? 40e-3 : 1e-3));
  }
}

TEST_CASE("of readings that waited those count that are younger than the setting of the clock") {
  auto gps = shm("GPS");
  gps.poll = 2;
  Fixture f{{gps}};
  f.loop.advance(1s);
  auto polls = std::vector{f.read(0, 0ms), f.read(0, 0ms)};
  f.loop.clock.advance(100ms);
  f.clocks.on_clock_set();
  f.loop.advance(900ms);
  polls.push_back(f.read(0, 0ms));
  f.loop.advance(1s);
  polls.push_back(f.read(0, 0ms));
  f.send(polls);
  CHECK(f.records.size() == 3);  // two readings, and the sample
}

TEST_CASE("another process begins the interval anew") {
  auto gps = shm("GPS");
  gps.poll = 1;
  Fixture f{{gps}};
  f.tell(0, 0ms);
  FarEnd another;
  f.clocks.connect(another.take_near());
  f.loop.run_ready();
  f.loop.advance(1s);
  another.send(ipc::RefclockReadings{{f.read(0, 0ms)}}, 0);
  f.loop.run_ready();
  CHECK(f.report(0).reach == 0);
  f.loop.advance(1s);
  another.send(ipc::RefclockReadings{{f.read(0, 0ms)}}, 0);
  f.loop.run_ready();
  CHECK(f.report(0).reach == 1);
}

TEST_CASE("a message of a clock that there is not, or that is none, does no harm") {
  Fixture f{{shm("GPS")}};
  f.tell(7, 0ms);
  CHECK(f.report(0).reach == 0);
  CHECK(f.lost.empty());
  f.role.send_octets({1, 56, 0, 1, 0, 0, 0, 0, 99});
  f.loop.run_ready();
  REQUIRE(f.lost.size() == 1);
  CHECK(f.lost[0] == "it sent a forbidden message");
}

TEST_CASE("names are those of the clocks") {
  Fixture f{{shm("GPS"), shm("")}};
  CHECK(f.clocks.names({1})->name == "GPS");
  CHECK(f.clocks.names({2})->name == "SHM1");
  CHECK_FALSE(f.clocks.names({3}));
  CHECK_FALSE(f.clocks.names({0}));
}

TEST_CASE("an operator changes the selection options and the offset of a clock") {
  using core::control::ModifySource;
  using core::control::SetSelectOptions;
  Fixture f{{shm("GPS"), shm("PPS")}};
  CHECK(f.clocks.has("PPS"));
  CHECK(f.clocks.has("ID#2"));
  for (const auto* const nobody : {"ID#3", "ID#0", "ID#x", "SHM1", ""}) CHECK_FALSE(f.clocks.has(nobody));
  for (int i = 0; i < 4; ++i) f.tell(1, 250ms);
  const auto selected = [&] {
    const auto verdicts = f.clock_driver.keeper().verdicts();
    return std::ranges::any_of(verdicts, &engine::Verdict::steers);
  };
  CHECK(selected());
  CHECK(f.clocks.carry_out(SetSelectOptions{"PPS", {"+noselect", "-prefer"}}));
  CHECK_FALSE(selected());
  CHECK(f.report(1).select_options.no_select);
  CHECK_FALSE(f.report(0).select_options.no_select);
  CHECK_FALSE(f.clocks.carry_out(SetSelectOptions{"PPS", {"-noselect", "noselect"}}));
  CHECK(f.report(1).select_options.no_select);
  CHECK(f.clocks.carry_out(SetSelectOptions{"ID#2", {"-noselect"}}));
  CHECK(selected());

  f.records.clear();
  CHECK(f.clocks.carry_out(ModifySource{"PPS", "offset", 1.5}));
  f.tell(1, 250ms);
  REQUIRE_FALSE(f.records.empty());
  CHECK(std::get<engine::RefclockRecord>(f.records[0]).offset.count() ==
        Approx(1.5));  // beyond the 0.25 s that are known
  CHECK_FALSE(f.clocks.carry_out(ModifySource{"PPS", "offset", std::nan("")}));
  CHECK_FALSE(f.clocks.carry_out(ModifySource{"PPS", "minpoll", 3}));
}

TEST_CASE("around a leap second readings do not count, but the clock does not become unreachable") {
  Fixture f{{shm("GPS")}};
  const std::chrono::year_month_day today{
      std::chrono::floor<std::chrono::days>(std::chrono::sys_time{f.loop.now().real.time_since_epoch()})};
  const base::RealTime midnight{
      std::chrono::sys_days{(today.year() + std::chrono::years{2}) / 1 / 1}.time_since_epoch()};
  f.loop.advance(midnight - 20s - f.loop.now().real);
  static_cast<void>(
      f.clock_driver.set_leap_table({.entries = {{midnight - 24h, 37}, {midnight, 38}}, .expires = {}}));
  for (int i = 0; i < 14; ++i) f.tell(0, 0ms);
  CHECK(f.clock_driver.keeper().tracking(f.loop.now()).leap == base::LeapIndicator::insert);
  f.records.clear();
  const auto counts = [&] { return !std::exchange(f.records, {}).empty(); };
  for (int i = 0; i < 10; ++i) {  // to 4 s after it
    CHECK(f.report(0).reach == 0xff);
    f.tell(0, f.loop.now().real + 1s < midnight ? 0s : -1s);
    CHECK_FALSE(counts());
  }
  CHECK(f.clock_driver.keeper().verdicts()[0].steers());
  for (int i = 0; i < 3; ++i) f.tell(0, -1s);
  CHECK(counts());
}
