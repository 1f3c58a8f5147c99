// SPDX-License-Identifier: GPL-2.0-or-later
// The modelled clock follows adjtimex(2).
#include <cerrno>
#include <cmath>

#include "tests/sim/interpose/kernel_clock.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using interpose::KernelClock;
using interpose::TrueTime;

namespace {

constexpr std::int64_t nano = 1'000'000'000;
constexpr std::int64_t midnight = 1'814'400'000 * nano;

simulation::Oscillator perfect() {
  simulation::Oscillator oscillator;
  oscillator.frequency = oscillator.offset = oscillator.wander = 0;
  return oscillator;
}

struct Watched {
  explicit Watched(simulation::Oscillator oscillator = perfect(), TrueTime time = {})
      : true_time(time), clock(oscillator, time, 1) {}
  void advance(double t) {
    clock.advance(t, [this](double error, double rate_error) {
      ++seconds;
      last_error = error;
      last_rate_error = rate_error;
    });
  }
  [[nodiscard]] double error() const {
    return static_cast<double>(clock.realtime_ns() - true_time.utc_ns(clock.now())) / 1e9;
  }
  [[nodiscard]] double monotonic() const {
    const timespec t = clock.read(CLOCK_MONOTONIC);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
  }

  TrueTime true_time;
  KernelClock clock;
  int seconds = 0;
  double last_error = 0;
  double last_rate_error = 0;
};

timex request(unsigned modes) {
  timex r{};
  r.modes = modes;
  return r;
}

}  // namespace

TEST_CASE("an oscillator that runs fast takes the clock with it") {
  auto oscillator = perfect();
  oscillator.frequency = 20e-6;
  oscillator.offset = 10e-3;
  Watched w(oscillator);
  w.advance(100);
  CHECK(w.seconds == 100);
  CHECK(w.last_error == Approx(12e-3));
  CHECK(w.last_rate_error == Approx(20e-6));
}

TEST_CASE("frequency and tick change the rate, and adjtimex tells them back") {
  Watched w;
  timex r = request(ADJ_FREQUENCY | ADJ_TICK);
  r.freq = -100L << 16;
  r.tick = 10001;
  REQUIRE(w.clock.adjust(r) >= 0);
  w.advance(10);
  CHECK(w.error() == Approx(0.0));
  timex now = request(0);
  CHECK(w.clock.adjust(now) == TIME_ERROR);  // nobody has said that it is synchronised
  CHECK(now.tick == 10001);
  CHECK(now.freq == -100L << 16);
  r = request(ADJ_FREQUENCY);
  r.freq = 0;
  w.clock.adjust(r);
  w.advance(20);
  CHECK(w.error() == Approx(1e-3).epsilon(1e-6));
}

TEST_CASE("more than the kernel allows is cut off or refused") {
  Watched w;
  timex r = request(ADJ_FREQUENCY);
  r.freq = 600L << 16;
  w.clock.adjust(r);
  CHECK(r.freq == 500L << 16);
  r = request(ADJ_TICK);
  r.tick = 8999;
  CHECK(w.clock.adjust(r) == -EINVAL);
  r = request(ADJ_SETOFFSET | ADJ_NANO);
  r.time.tv_usec = -1;
  CHECK(w.clock.adjust(r) == -EINVAL);
}

TEST_CASE("a step moves the system clock and not the monotonic one, and ends synchronisation") {
  Watched w;
  w.advance(5);
  timex status = request(ADJ_STATUS | ADJ_MAXERROR);
  CHECK(w.clock.adjust(status) == TIME_OK);
  const double before = w.monotonic();
  timex r = request(ADJ_SETOFFSET | ADJ_NANO);
  r.time.tv_sec = -2;
  r.time.tv_usec = 500'000'000;
  CHECK(w.clock.adjust(r) == TIME_ERROR);
  CHECK(r.maxerror == 16'000'000);
  CHECK(w.error() == Approx(-1.5));
  CHECK(w.monotonic() == before);
  w.clock.set(w.true_time.utc_ns(5) + nano / 4);
  CHECK(w.error() == Approx(0.25));
}

TEST_CASE("adjtime is worked off at 500 ppm and its rest can be asked for") {
  Watched w;
  timex r = request(ADJ_OFFSET_SINGLESHOT);
  r.offset = 1000;
  w.clock.adjust(r);
  CHECK(r.offset == 0);
  w.advance(1);
  CHECK(w.error() == Approx(500e-6));
  r = request(ADJ_OFFSET_SS_READ);
  w.clock.adjust(r);
  CHECK(r.offset == 500);
  w.advance(10);
  CHECK(w.error() == Approx(1e-3).epsilon(1e-4));
}

TEST_CASE("the error bound grows until the kernel says that the clock is not synchronised") {
  Watched w;
  timex r = request(ADJ_STATUS | ADJ_MAXERROR);
  r.maxerror = 15'990'000;
  CHECK(w.clock.adjust(r) == TIME_OK);
  w.advance(10);
  timex now = request(0);
  CHECK(w.clock.adjust(now) == TIME_OK);
  CHECK(now.maxerror == 15'995'000);
  w.advance(30);
  now = request(0);
  CHECK(w.clock.adjust(now) == TIME_ERROR);
}

TEST_CASE("a leap second that was asked for repeats a second at the end of the day") {
  const TrueTime time{.epoch_ns = midnight - 10 * nano, .leap = 10};
  Watched w(perfect(), time);
  timex r = request(ADJ_STATUS | ADJ_TAI | ADJ_MAXERROR);
  r.status = STA_INS;
  r.constant = 37;
  w.clock.adjust(r);
  const double before = w.monotonic();
  w.advance(9.75);
  CHECK(w.clock.realtime_ns() == midnight - nano / 4);
  w.advance(10.5);
  CHECK(w.clock.realtime_ns() == midnight - nano / 2);
  CHECK(w.error() == 0);
  timex now = request(0);
  CHECK(w.clock.adjust(now) == TIME_OOP);
  CHECK(now.tai == 38);
  w.advance(12);
  now = request(ADJ_STATUS);
  CHECK(w.clock.adjust(now) == TIME_WAIT);
  w.advance(14);
  now = request(0);
  CHECK(w.clock.adjust(now) == TIME_OK);
  CHECK(w.error() == 0);
  CHECK(w.monotonic() == Approx(before + 14).epsilon(1e-12));
}

TEST_CASE("a leap second that nobody asked for leaves the clock a second ahead") {
  Watched w(perfect(), {.epoch_ns = midnight - 10 * nano, .leap = 10});
  w.advance(12);
  CHECK(w.error() == Approx(1.0));
}

}  // namespace gnomon::testing
