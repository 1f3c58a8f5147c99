// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/rtc.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>
#include <vector>

#include "helpers/clock/first_time.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/clock/fake_rtc.hpp"
#include "tests/unit/clock/running_clock.hpp"
#include "tests/unit/time_zone.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using clock::Rtc;
using ipc::RtcOutcome;
using testing::FakeRtc;
using testing::Zone;

namespace {

constexpr std::int64_t reading = 1795402324;

base::RealTime at(std::chrono::nanoseconds since_1970) {
  return base::RealTime{since_1970};
}

// Shows one date after the other, each when it is read, and then the last one; the system clock goes on.
class ScriptedRtc final : public clock::RtcDevice {
 public:
  struct Reading {
    std::int64_t seconds;
    base::Duration after;  // the one before
  };
  ScriptedRtc(testing::RunningClock& time, std::vector<Reading> readings)
      : time_(time), readings_(std::move(readings)) {}
  std::expected<void, int> set_interrupts(bool) override { return {}; }
  std::expected<bool, int> take_interrupt() override { return true; }
  std::expected<std::tm, int> read() override {
    if (next_ == readings_.size()) return std::unexpected(EIO);
    time_.run(readings_[next_].after);
    return base::rtc_date(readings_[next_++].seconds, true);
  }
  std::expected<void, int> set(const std::tm&) override { return {}; }
  [[nodiscard]] int descriptor() const override { return -1; }

 private:
  testing::RunningClock& time_;
  std::vector<Reading> readings_;
  std::size_t next_ = 0;
};

struct NoLog final : base::Log {
  void take(const base::LogMessage&) override {}
};

// By how much the system clock was set, in s, which showed the time `reading` at first.
double set_from(const std::vector<ScriptedRtc::Reading>& readings) {
  testing::RunningClock time;
  time.set_time(at(std::chrono::seconds{reading}));
  ScriptedRtc device{time, readings};
  NoLog log;
  clock::set_first_time({.wanted = true}, {.on_utc = true}, &device, nullptr, time, log);
  return time.turned();
}

}  // namespace

TEST_CASE("the seconds that were asked for are told, without the first interrupt, which may be an old one") {
  FakeRtc device;
  Rtc rtc{device, true};
  CHECK(rtc.descriptor() == -1);
  CHECK(rtc.begin({2}).outcome == RtcOutcome::done);
  CHECK(device.interrupts);
  CHECK(rtc.descriptor() == 77);
  device.shows(reading);
  CHECK_FALSE(rtc.on_readable(at(1s)));
  device.second_begun = false;
  CHECK_FALSE(rtc.on_readable(at(2s)));
  device.second_begun = true;
  const auto first = rtc.on_readable(at(3s));
  REQUIRE(first);
  CHECK(first->reading == reading);
  CHECK(first->at == at(3s));
  CHECK(first->system_error == 0);
  device.shows(reading + 1);
  REQUIRE(rtc.on_readable(at(4s)));
  CHECK_FALSE(device.interrupts);
  CHECK(rtc.descriptor() == -1);
}

TEST_CASE("a clock that cannot be read, has no interrupts, or shows no date that there is") {
  FakeRtc device;
  Rtc rtc{device, true};
  device.refuses_interrupts = true;
  CHECK(rtc.begin({1}).system_error == ENOTTY);
  CHECK(rtc.descriptor() == -1);
  device.refuses_interrupts = false;
  CHECK(rtc.begin({5}).outcome == RtcOutcome::done);
  CHECK_FALSE(rtc.on_readable(at(1s)));
  device.date.tm_mon = 13;
  CHECK(rtc.on_readable(at(2s))->system_error == ERANGE);
  CHECK(rtc.descriptor() == -1);
  static_cast<void>(rtc.begin({5}));
  device.broken = true;
  CHECK(rtc.on_readable(at(3s))->system_error == EIO);
  CHECK_FALSE(device.interrupts);
}

TEST_CASE("it is set to the second that the system clock shows, and not twice a minute") {
  FakeRtc device;
  Rtc rtc{device, true};
  const base::Now now{.real = at(std::chrono::seconds{reading} + 700ms), .mono = base::MonoTime{100s}};
  const auto answer = rtc.set(now);
  CHECK(answer.outcome == RtcOutcome::done);
  CHECK(answer.reading == reading);
  CHECK(answer.at == now.real);
  REQUIRE(device.sets.size() == 1);
  CHECK(base::rtc_seconds(device.sets[0], true) == reading);
  CHECK(rtc.set({.real = now.real, .mono = base::MonoTime{159s}}).outcome == RtcOutcome::too_soon);
  device.refuses_setting = true;
  CHECK(rtc.set({.real = now.real, .mono = base::MonoTime{160s}}).system_error == EACCES);
  CHECK(device.sets.size() == 1);
}

TEST_CASE("dates on UTC and on local time, summer and winter") {
  const Zone zone{"CET-1CEST,M3.5.0,M10.5.0/3"};
  for (const std::int64_t seconds : {0LL, 1795402324LL, 1782950400LL, 4102444800LL, 8999996400LL}) {
    CHECK(base::rtc_seconds(base::rtc_date(seconds, true), true) == seconds);
    CHECK(base::rtc_seconds(base::rtc_date(seconds, false), false) == seconds);
  }
  const auto winter = base::rtc_date(1795402324, false);
  CHECK(winter.tm_hour == base::rtc_date(1795402324, true).tm_hour + 1);
  const auto summer = base::rtc_date(1782950400, false);
  CHECK(summer.tm_hour == base::rtc_date(1782950400, true).tm_hour + 2);
}

TEST_CASE("a date before 1970, after 2255 or that no calendar has is none") {
  std::tm date = base::rtc_date(reading, true);
  date.tm_mon = 1;
  date.tm_mday = 30;
  CHECK_FALSE(base::rtc_seconds(date, true));
  date.tm_mday = 0;
  CHECK_FALSE(base::rtc_seconds(date, true));
  CHECK_FALSE(base::rtc_seconds(std::tm{}, true));
  std::tm far = base::rtc_date(9'000'000'000, true);
  CHECK(base::rtc_seconds(far, true) == 9'000'000'000);
  ++far.tm_year;
  CHECK_FALSE(base::rtc_seconds(far, true));
  far.tm_year = 2'000'000'000;
  CHECK_FALSE(base::rtc_seconds(far, true));
}

TEST_CASE("-s: a second that is seen to begin will do") {
  CHECK(set_from({{reading + 100, 0ms}, {reading + 100, 245ms}, {reading + 101, 5ms}}) ==
        Approx(100.75).margin(1e-9));
}

TEST_CASE("-s: where that is seen late another one is waited for, and the one less late counts") {
  CHECK(set_from({{reading + 100, 0ms}, {reading + 101, 250ms}, {reading + 102, 1000ms}}) ==
        Approx(100.75).margin(1e-9));
  CHECK(set_from({{reading + 100, 0ms}, {reading + 101, 550ms}, {reading + 102, 700ms}}) ==
        Approx(100.75).margin(1e-9));
  CHECK(set_from({{reading + 100, 0ms}, {reading + 101, 250ms}, {reading + 102, 1400ms}}) ==
        Approx(100.75).margin(1e-9));
}

TEST_CASE("-s: a date that was read while it changed does not count") {
  CHECK(set_from({{reading + 100, 0ms},
                  {reading + 3700, 250ms},
                  {reading + 101, 2ms},
                  {reading + 102, 998ms},
                  {reading + 103, 1000ms}}) == Approx(100.75).margin(1e-9));
  CHECK(set_from({{reading + 100, 0ms},
                  {reading + 101, 250ms},
                  {reading + 41, 1000ms},
                  {reading + 102, 2ms},
                  {reading + 103, 998ms},
                  {reading + 104, 1000ms}}) == Approx(100.75).margin(1e-9));
}

TEST_CASE("-s: what cannot be read sets nothing") {
  CHECK(set_from({{reading + 100, 0ms}, {reading + 101, 250ms}}) == 0);  // and then nothing
  CHECK(set_from({}) == 0);
}
