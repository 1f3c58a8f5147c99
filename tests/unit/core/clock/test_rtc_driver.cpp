// SPDX-License-Identifier: GPL-2.0-or-later
// The real-time clock behind a clock helper (the far end of a channel): when it is read, set and written
// down.
#include "daemon/core/clock/rtc_driver.hpp"

#include <sys/socket.h>

#include <array>
#include <fstream>
#include <iterator>

#include "base/rtc_file.hpp"
#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using core::ClockClient;
using core::ClockDriver;
using core::RtcDriver;
using testing::FarEnd;
using testing::Loop;
using testing::read_as;

namespace {

struct Fixture {
  explicit Fixture(base::Seconds auto_trim = {}, bool may_set = true)
      : driver{loop.tasks, {.file = folder / "rtc", .auto_trim = auto_trim, .may_set = may_set},
               clock,      clock_driver,
               log,        [this](const engine::RtcRecord& record) { records.push_back(record); }} {
    clock.connect(helper.take_near());
    static_cast<void>(clock_driver.start());
    driver.start();
    loop.run_ready();
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;
  ~Fixture() { loop.drain(); }

  [[nodiscard]] bool has_request() const {
    std::array<char, 1> octet{};
    return recv(helper.fd(), octet.data(), octet.size(), MSG_PEEK | MSG_DONTWAIT) > 0;
  }
  void pass(base::Duration time) {
    loop.advance(time);
    loop.run_ready();
  }
  // How many readings it asks for; 0: none.
  int asked() {
    if (!has_request()) return 0;
    const auto request = read_as<ipc::ReadRtc>(helper.receive());
    helper.send(ipc::RtcAnswer{}, request.id);
    loop.run_ready();
    return request.message.ticks;
  }
  // A second of the clock begins, which is ahead of the system clock by `fast`.
  void tick(std::int64_t fast) {
    const auto real = loop.now().real;
    const auto second = std::chrono::floor<std::chrono::seconds>(real.time_since_epoch()).count();
    helper.send(ipc::RtcTick{.reading = second + fast, .at = base::RealTime{std::chrono::seconds{second}}},
                0);
    loop.run_ready();
  }
  // As many readings, when it asks for them.
  void run(int readings, std::int64_t fast) {
    for (int i = 0; i < readings; ++i) {
      while (asked() == 0) pass(1s);
      pass(1s);
      tick(fast);
    }
  }
  [[nodiscard]] std::string file() const {
    std::ifstream stream{folder / "rtc"};
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  testing::TemporaryFolder folder;
  Loop loop;
  FarEnd helper;
  testing::RememberingLog log;
  std::vector<engine::RtcRecord> records;
  ClockClient clock{loop.tasks,
                    false,
                    {.on_changed = [](const engine::ClockChanged&) {},
                     .on_rtc_tick = [this](const ipc::RtcTick& read) { driver.on_tick(read); },
                     .on_disconnect = [](const std::string&) {}}};
  ClockDriver clock_driver{
      loop.tasks, {}, nullptr, {.on_events = [](const core::ClockEvents&) {}, .on_settled = [] {}}};
  RtcDriver driver;
};

}  // namespace

TEST_CASE("the clock is read now and then, reported, and written down when an operator wants it") {
  Fixture f;
  CHECK(f.driver.report().used);
  CHECK(f.driver.report().samples == 0);
  f.run(5, 2);
  const auto report = f.driver.report();
  CHECK(report.samples == 5);
  CHECK(report.fast.count() == Approx(2).margin(1e-3));
  CHECK(report.span.count() > 60);
  CHECK(f.records.size() == 5);
  CHECK(f.records.back().fast.count() == Approx(2).margin(1e-3));
  CHECK(f.records.back().known);
  CHECK(f.file().empty());
  CHECK(f.driver.write());
  const auto file = base::parse_rtc_file(f.file());
  REQUIRE(file);
  CHECK(file->fast.count() == Approx(2).margin(1e-3));
}

TEST_CASE("what is not known is not written") {
  Fixture f;
  f.run(2, 2);
  CHECK(f.driver.write());
  CHECK(f.file().empty());
}

TEST_CASE("trimrtc sets it, reads it each second, and writes down what it is then") {
  Fixture f;
  f.run(4, 10);
  REQUIRE(f.driver.trim());
  f.loop.run_ready();
  REQUIRE(f.has_request());
  const auto request = read_as<ipc::SetRtc>(f.helper.receive());
  const auto now = f.loop.now().real;
  const auto second = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  f.helper.send(ipc::RtcAnswer{.reading = second, .at = now}, request.id);
  f.loop.run_ready();
  CHECK(f.log.says("RTC wrong by 10.000 seconds (step)"));
  CHECK(f.asked() == 8);
  for (int i = 0; i < 8; ++i) {
    CHECK(f.file().empty());
    f.pass(1s);
    f.tick(0);
  }
  const auto file = base::parse_rtc_file(f.file());
  REQUIRE(file);
  CHECK(file->fast.count() == Approx(0).margin(1e-3));
}

TEST_CASE("trimrtc needs a single reading, and refuses without any") {
  Fixture f;
  const auto refused = f.driver.trim();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().sentence.starts_with("The real-time clock has not been read yet"));
  f.run(1, 1000);
  REQUIRE(f.driver.trim());
  f.loop.run_ready();
  REQUIRE(f.has_request());
  const auto request = read_as<ipc::SetRtc>(f.helper.receive());
  const auto now = f.loop.now().real;
  const auto second = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  f.helper.send(ipc::RtcAnswer{.reading = second, .at = now}, request.id);
  f.loop.run_ready();
  CHECK(f.log.says("RTC wrong by 1000.000 seconds (step)"));
  Fixture right;
  right.run(1, 1);
  CHECK(right.driver.trim());
  right.loop.run_ready();
  CHECK_FALSE(right.has_request());
}

TEST_CASE("a clock that is right to a second is left alone, and so is any with -x") {
  Fixture right;
  right.run(4, 1);
  CHECK(right.driver.trim());
  right.loop.run_ready();
  CHECK_FALSE(right.has_request());
  Fixture without{{}, false};
  without.run(4, 10);
  CHECK_FALSE(without.driver.trim());
}

TEST_CASE("rtcautotrim waits until our own clock is synchronised") {
  Fixture f{base::Seconds{1}};
  f.run(6, 10);
  CHECK_FALSE(f.log.says("RTC wrong"));
}

TEST_CASE("a clock that falls silent or cannot be read is said once, and that it is back") {
  Fixture f;
  CHECK(f.asked() == 1);
  f.pass(7s);
  CHECK(f.log.says("it does not tell when its seconds begin"));
  while (f.asked() == 0) f.pass(1s);
  f.helper.send(ipc::RtcTick{.system_error = 5}, 0);
  f.loop.run_ready();
  CHECK(f.log.lines.size() == 1);
  f.run(1, 0);
  CHECK(f.log.events.back() == base::LogEvent::rtc_resumed);
}

TEST_CASE("where there is none, there is nothing to report or to do") {
  Fixture f;
  const auto request = read_as<ipc::ReadRtc>(f.helper.receive());
  f.helper.send(ipc::RtcAnswer{.outcome = ipc::RtcOutcome::no_device}, request.id);
  f.loop.run_ready();
  CHECK_FALSE(f.driver.report().used);
  CHECK(f.driver.trim().error().kind == engine::RefusalKind::not_enabled);
  CHECK(f.driver.write().error().kind == engine::RefusalKind::not_enabled);
  f.pass(1h);
  CHECK_FALSE(f.has_request());
}

TEST_CASE("a file that cannot be written is said") {
  Fixture f;
  f.run(4, 2);
  std::filesystem::remove_all(f.folder.path());
  CHECK(f.driver.write().error().kind == engine::RefusalKind::bad_file);
  CHECK(f.log.says("Could not write the rtcfile"));
}
