// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/service.hpp"

#include <array>
#include <string>
#include <vector>

#include "tests/unit/base/os/fake_clock.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/remembering_log.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using testing::FakeClock;

namespace {

constexpr ipc::Rate ppm(std::int64_t value) {
  return {value * 1'000'000};
}

struct Fixture {
  FakeClock kernel;
  testing::RememberingLog log;
  ipc::ClockBudget limits;
  std::array<std::uint8_t, ipc::max_frame_size> space{};

  Fixture() {
    limits.step_limit = 1;
    limits.step_threshold_s = 0.1;
    limits.leap_maker = ipc::LeapMaker::kernel;
  }
  clock::ClockService service(bool may_adjust = true) { return {kernel, log, limits, may_adjust}; }

  template <class Reply>
  Reply decode(std::size_t size, std::uint32_t id) {
    const auto frame = ipc::parse_frame(base::Bytes{space}.first(size));
    REQUIRE(frame);
    CHECK(frame->request_id == id);
    const auto reply = ipc::decode<Reply>(*frame);
    REQUIRE(reply);
    return *reply;
  }
  template <class Reply, class Request>
  Reply ask(clock::ClockService& service, const Request& request) {
    return decode<Reply>(service.handle(ipc::encode(request, 5), space), 5);
  }
  ipc::Adjusted end(clock::ClockService& service) {
    return decode<ipc::Adjusted>(service.end_slew(space), 0);
  }
  double kernel_ppm() const { return kernel.rate.ratio() * 1e6; }
};

}  // namespace

TEST_CASE("a frequency is set, reported as the kernel took it, and stays") {
  Fixture f;
  auto service = f.service();
  const auto adjusted = f.ask<ipc::Adjusted>(service, ipc::Adjust{ppm(-12), {}, 0s});
  CHECK(adjusted.rate == ppm(-12));
  CHECK(adjusted.at == f.kernel.time.real);
  CHECK(adjusted.stepped == 0s);
  CHECK(f.kernel_ppm() == Approx(-12));
  CHECK_FALSE(service.slew_end());
  CHECK(service.end_slew(f.space) == 0);
}

TEST_CASE("a slew runs on top of the frequency and ends at its base") {
  Fixture f;
  auto service = f.service();
  f.ask<ipc::Adjusted>(service, ipc::Adjust{ppm(10), ppm(-50000), 20s});
  CHECK(f.kernel_ppm() == Approx(-49990));
  // CLOCK_MONOTONIC is slewed, too: 20 s of the oscillator are 19 s and 0.2 ms of it.
  CHECK(service.slew_end() == f.kernel.time.mono + 19'000'200us);
  f.kernel.pass(19'000'200us);
  const auto event = f.end(service);
  CHECK(event.rate == ppm(10));
  CHECK(event.at == f.kernel.time.real);
  CHECK(f.kernel_ppm() == Approx(10));
  CHECK_FALSE(service.slew_end());
}

TEST_CASE("a new adjustment replaces a running slew") {
  Fixture f;
  auto service = f.service();
  f.ask<ipc::Adjusted>(service, ipc::Adjust{ppm(10), ppm(500), 20s});
  f.kernel.pass(5s);
  f.ask<ipc::Adjusted>(service, ipc::Adjust{ppm(20), ppm(100), 60s});
  CHECK(f.kernel_ppm() == Approx(120));
  CHECK(service.slew_end() == f.kernel.time.mono + 60s + 7200us);
  f.ask<ipc::Adjusted>(service, ipc::Adjust{ppm(30), {}, 0s});
  CHECK_FALSE(service.slew_end());
}

TEST_CASE("a slew without a duration is none") {
  Fixture f;
  auto service = f.service();
  f.ask<ipc::Adjusted>(service, ipc::Adjust{ppm(10), ppm(500), 0s});
  CHECK(f.kernel_ppm() == Approx(10));
  CHECK_FALSE(service.slew_end());
}

TEST_CASE("a step moves the clock, leaves the rate alone and is counted") {
  Fixture f;
  auto service = f.service();
  f.ask<ipc::Adjusted>(service, ipc::Adjust{ppm(10), ppm(500), 20s});
  const auto before = f.kernel.time.real;
  const auto stepped = f.ask<ipc::Adjusted>(service, ipc::Step{-1500ms});
  CHECK(stepped.stepped == -1500ms);
  CHECK(stepped.at == before - 1500ms);
  CHECK(stepped.rate == ppm(510));
  CHECK(service.slew_end());
  CHECK(f.ask<ipc::ClockRefused>(service, ipc::Step{1s}).reason == ipc::ClockRefusal::step_not_allowed);
  CHECK(f.kernel.time.real == before - 1500ms);
}

TEST_CASE("a frequency is no clock update: the change after it is still the first one to maxchange") {
  Fixture f;
  f.limits.max_change_s = 5;
  f.limits.max_change_start = 1;
  f.limits.step_limit = -1;
  auto service = f.service();
  f.ask<ipc::Adjusted>(service, ipc::Adjust{ppm(10), {}, 0s});
  f.ask<ipc::Adjusted>(service, ipc::Step{100s});
  CHECK(f.ask<ipc::ClockRefused>(service, ipc::Step{100s}).reason == ipc::ClockRefusal::step_too_large);
}

TEST_CASE("a refusal changes nothing and says the numbers") {
  Fixture f;
  f.limits.max_drift_ppm = 100;
  auto service = f.service();
  const auto refused = f.ask<ipc::ClockRefused>(service, ipc::Adjust{ppm(250), {}, 0s});
  CHECK(refused.reason == ipc::ClockRefusal::over_drift);
  CHECK(f.kernel.changes.empty());
  CHECK(f.log.lines ==
        std::vector<std::string>{"Refused to change the clock: asked for 250 ppm, maxdrift is 100 ppm"});
}

TEST_CASE("a step that the kernel refuses does not use up the budget") {
  Fixture f;
  auto service = f.service();
  f.kernel.refuse_with = EINVAL;
  const auto refused = f.ask<ipc::ClockRefused>(service, ipc::Step{1s});
  CHECK(refused.reason == ipc::ClockRefusal::kernel_error);
  CHECK(refused.system_error == EINVAL);
  f.kernel.refuse_with = 0;
  f.ask<ipc::Adjusted>(service, ipc::Step{1s});
}

TEST_CASE("without permission the clock is read and never touched") {
  Fixture f;
  auto service = f.service(false);
  const auto reading = f.ask<ipc::ClockReading>(service, ipc::ReadClock{});
  CHECK_FALSE(reading.may_adjust);
  CHECK(f.ask<ipc::ClockRefused>(service, ipc::Step{1s}).reason == ipc::ClockRefusal::not_permitted);
  CHECK(f.ask<ipc::ClockRefused>(service, ipc::Adjust{}).reason == ipc::ClockRefusal::not_permitted);
  f.ask<ipc::ClockReading>(service, ipc::SetStatus{});
  CHECK(f.kernel.changes.empty());
}

TEST_CASE("status goes to the kernel and is answered with a reading") {
  Fixture f;
  auto service = f.service();
  const auto reading =
      f.ask<ipc::ClockReading>(service, ipc::SetStatus{base::LeapIndicator::none, true, 1ms, 1us, 37});
  CHECK(reading.synchronised);
  CHECK(reading.may_adjust);
  CHECK(reading.tai_offset == 37);
  CHECK(f.kernel.changes.size() == 1);
}

TEST_CASE("a leap second on another day, or a TAI offset that cannot be, does not reach the kernel") {
  Fixture f;
  f.kernel.time.real = base::RealTime{1'830'297'700s};  // the day after
  auto service = f.service();
  CHECK(f.ask<ipc::ClockRefused>(service, ipc::SetStatus{base::LeapIndicator::insert, true, 1ms, 1us, 0})
            .reason == ipc::ClockRefusal::leap_not_allowed);
  CHECK(f.ask<ipc::ClockRefused>(service, ipc::SetStatus{base::LeapIndicator::none, true, 1ms, 1us, 1})
            .reason == ipc::ClockRefusal::tai_offset_wrong);
  CHECK(f.kernel.changes.empty());
}

TEST_CASE("what is no request of the core gets no reply") {
  Fixture f;
  auto service = f.service();
  CHECK(service.handle(base::as_bytes("garbage"), f.space) == 0);
  CHECK(service.handle(ipc::encode(ipc::Adjusted{}, 1), f.space) == 0);
  CHECK(service.handle(ipc::encode(ipc::Stop{}, 1), f.space) == 0);
  CHECK(service.handle(ipc::encode(ipc::Adjust{{200'000'000'000}, {}, 0s}, 1), f.space) == 0);
  CHECK(f.kernel.changes.empty());
}

TEST_CASE("whoever leaves ends the slew, and nobody is told any more that the clock is right") {
  Fixture f;
  auto service = f.service();
  f.ask<ipc::Adjusted>(service, ipc::Adjust{ppm(10), ppm(500), 20s});
  f.kernel.time.real = base::RealTime{1'830'297'500s};  // the end of 2027
  f.ask<ipc::ClockReading>(service, ipc::SetStatus{base::LeapIndicator::insert, true, 1ms, 1us, 0});
  CHECK(f.kernel.status == STA_INS);
  service.leave();
  CHECK(f.kernel_ppm() == Approx(10));
  CHECK_FALSE(service.slew_end());
  CHECK(f.kernel.status == STA_UNSYNC);
  CHECK(f.kernel.changes.back().maxerror == 16'000'000);
}

TEST_CASE("what a daemon before us began does not go on, but its frequency stays") {
  Fixture f;
  f.kernel.rate = {10001, -77};
  f.kernel.status = STA_PLL | STA_INS;
  f.kernel.offset = 400'000;
  f.kernel.rest_of_adjtime = 100;
  clock::take_over(f.kernel, f.log);
  CHECK(f.kernel.rate == base::KernelRate{10001, -77});
  CHECK(f.kernel.status == STA_UNSYNC);
  CHECK(f.kernel.offset == 0);
  CHECK(f.kernel.rest_of_adjtime == 0);
  CHECK(f.log.lines.empty());
}

TEST_CASE("a slew that nobody ended ends when the next clock helper begins") {
  Fixture f;
  f.kernel.rate = {9900, -4000};
  clock::take_over(f.kernel, f.log);
  CHECK(f.kernel.rate == base::KernelRate{});
  REQUIRE(f.log.lines.size() == 1);
  CHECK(f.log.lines[0].starts_with("The clock was left running -10000 ppm off"));
}

TEST_CASE("permission is what the kernel says when its own rate is written back") {
  Fixture f;
  f.kernel.rate = {10001, 77};
  CHECK(clock::probe_permission(f.kernel));
  CHECK(f.kernel.rate == base::KernelRate{10001, 77});
  f.kernel.refuse_with = EPERM;
  CHECK_FALSE(clock::probe_permission(f.kernel));
}
