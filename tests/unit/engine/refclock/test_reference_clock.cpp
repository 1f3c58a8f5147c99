// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/refclock/reference_clock.hpp"

#include "daemon/core/engine/values/reference_id.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::engine;
using namespace std::chrono_literals;

namespace {

constexpr base::RealTime start{1'700'000'000s};

config::RefClock settings_of(const char* driver, int poll = 4) {
  config::RefClock settings;
  settings.driver = driver;
  settings.poll = poll;
  return settings;
}

// A clock whose true time is `ahead` of ours, and our clock as others see it.
struct Bench {
  Timescale scale{start, 0};
  TrackingReport tracking;
  base::RealTime now = start;
  base::Duration ahead;
  std::function<std::optional<std::int16_t>(base::RealTime)> tai_offset;

  explicit Bench(base::Duration true_time = {}) : ahead(true_time) {
    tracking.leap = base::LeapIndicator::none;
    tracking.root_delay = 0s;
    tracking.root_dispersion = 1ms;
    tracking.stratum = 3;
  }
  [[nodiscard]] RefclockContext context() const {
    return {.now = {now, base::MonoTime{now - start}},
            .scale = scale,
            .tracking = tracking,
            .clock_precision = 1us,
            .tai_offset = tai_offset};
  }
  [[nodiscard]] RefclockReading time() const { return {.time = now, .offset = ahead}; }
  // Of a pulse at a full second of true time that is now.
  [[nodiscard]] RefclockReading pulse() const {
    return {.time = now, .offset = -(now.time_since_epoch() % 1s), .pulse = true};
  }
};

ReferenceClock make(const config::RefClock& settings) {
  return {base::SourceId{1}, engine::reference_id_of(settings, 0), settings};
}

}  // namespace

TEST_CASE("A reading that its own source calls wrong is none, and the ones around it are used") {
  auto clock = make(settings_of("SOCK"));
  Bench bench{1ms};
  auto bad = bench.time();
  bad.offset = 5s;
  bad.leap = base::LeapIndicator::unsynchronised;
  CHECK_FALSE(clock.take(bad, nullptr, bench.context()));
  CHECK(clock.trouble() == RefclockTrouble::not_synchronised);
  CHECK_FALSE(clock.poll_over(bench.context(), false).sample);
  CHECK(clock.report(bench.context().now).reach == 0);
  bench.now += 1s;
  CHECK(clock.take(bench.time(), nullptr, bench.context()));
  bad.time = bench.now += 1s;
  CHECK_FALSE(clock.take(bad, nullptr, bench.context()));
  const auto sample = clock.poll_over(bench.context(), false).sample;
  REQUIRE(sample);
  CHECK(sample->leap == base::LeapIndicator::none);
  CHECK(std::abs(sample->offset.count() - 1e-3) < 1e-6);
}

TEST_CASE("A clock that tells the time gives a sample for each poll interval") {
  auto settings = settings_of("SHM");
  settings.offset = 2ms;
  settings.delay = 5ms;
  auto clock = make(settings);
  Bench bench{30ms};
  bool over = false;
  for (int i = 0; i < 16; ++i) {
    bench.now += 1s;
    const auto record = clock.take(bench.time(), nullptr, bench.context());
    REQUIRE(record);
    CHECK(record->polls == i);
    CHECK(record->offset.count() == Approx(32e-3));
    CHECK(record->raw_offset.count() == Approx(30e-3));
    CHECK_FALSE(over);
    over = clock.polled();
  }
  CHECK(over);
  const auto poll = clock.poll_over(bench.context(), false);
  REQUIRE(poll.sample);
  CHECK(poll.sample->offset.count() == Approx(32e-3));
  CHECK(poll.sample->delay == 5ms);
  CHECK(poll.sample->stratum.value == 0);
  CHECK(poll.record->filtered);
  const auto report = clock.report(bench.context().now);
  CHECK(report.reach == 1);
  CHECK(report.name == "SHM0");
  CHECK(report.is_refclock());
}

TEST_CASE("What a line says of selection is what selection is told of a reference clock") {
  auto settings = settings_of("SHM", 3);
  settings.min_samples = 5;
  settings.max_samples = 9;
  settings.max_unreach = 4;
  settings.prefer = settings.no_select = settings.trust = settings.require = true;
  const auto reference_id = engine::reference_id_of(settings, 0);
  const auto source = source_of(settings, reference_id);
  CHECK((source.name == "SHM0" && source.min_poll == base::PollExponent{3} &&
         source.max_poll == base::PollExponent{3}));
  CHECK((source.min_samples == 5 && source.max_samples == 9 && source.max_unreach == 4));
  CHECK((source.prefer && source.no_select && source.trust && source.require));
  const auto options = make(settings).report(Bench{}.context().now).select_options;
  CHECK((options.prefer && options.no_select && options.trust && options.require));
}

TEST_CASE("A clock is as precise as its line says, and has the stratum and the name that it gives") {
  auto settings = settings_of("SHM", 0);
  settings.precision = 1ms;
  settings.stratum = {3};
  settings.reference_id = "GPS";
  auto clock = make(settings);
  Bench bench;
  REQUIRE(clock.take(bench.time(), nullptr, bench.context()));
  const auto poll = clock.poll_over(bench.context(), false);
  REQUIRE(poll.sample);
  CHECK(poll.sample->root_dispersion >= base::Seconds{1e-3});
  CHECK(poll.sample->stratum.value == 3);
  CHECK(clock.report(bench.context().now).name == "GPS");
}

TEST_CASE("A sample that lacks readings is as noisy as those that it has") {
  auto clock = make(settings_of("SHM"));
  Bench bench;
  base::Seconds usual{};
  base::Seconds thin{};
  for (int i = 1; i <= 20; ++i) {
    for (int k = 0; k < 16; ++k) {
      bench.now += 1s;
      bench.ahead = (i % 2) * 1us;
      if (i < 20 || k == 0) REQUIRE(clock.take(bench.time(), nullptr, bench.context()));
    }
    thin = clock.poll_over(bench.context(), false).sample->dispersion;
    if (i < 20) usual = thin;
  }
  CHECK(usual.count() > 1e-7);
  CHECK(thin.count() == Approx(4 * usual.count()).epsilon(0.1));
}

TEST_CASE("Readings of another time than now do not count") {
  auto clock = make(settings_of("SHM"));
  Bench bench;
  auto reading = bench.time();
  reading.time += 1s;
  CHECK_FALSE(clock.take(reading, nullptr, bench.context()));
  CHECK(clock.trouble() == RefclockTrouble::wrong_time);
  reading.time = bench.now - 33s;
  CHECK_FALSE(clock.take(reading, nullptr, bench.context()));
  reading.time = bench.now - 31s;
  CHECK(clock.take(reading, nullptr, bench.context()));
  CHECK_FALSE(clock.take(reading, nullptr, bench.context()));  // the same again
}

TEST_CASE("A pulse is numbered by our own clock while that is known well enough") {
  auto clock = make(settings_of("PPS", 0));
  Bench bench;
  bench.tracking.system_time = 3ms;  // it is still slow by that much
  bench.now += 1s - 2ms;             // true time: 1 s; our clock is 2 ms behind
  const auto record = clock.take(bench.pulse(), nullptr, bench.context());
  REQUIRE(record);
  CHECK(record->pulse);
  CHECK(record->raw_offset.count() == Approx(2e-3));
  CHECK(record->offset.count() == Approx(-1e-3));
  bench.tracking.root_dispersion = 500ms;
  bench.now += 1s;
  CHECK_FALSE(clock.take(bench.pulse(), nullptr, bench.context()));
  CHECK(clock.trouble() == RefclockTrouble::clock_not_known);
  CHECK_FALSE(clock.poll_over(bench.context(), false).sample);  // what there was is doubtful as well
}

TEST_CASE("A pulse is numbered by the clock that it is locked to") {
  auto pulses = settings_of("PPS", 0);
  pulses.lock_reference_id = "NMEA";
  auto clock = make(pulses);
  auto teller = make(settings_of("SHM"));
  Bench bench;
  CHECK_FALSE(clock.take(bench.pulse(), &teller, bench.context()));
  CHECK(clock.trouble() == RefclockTrouble::no_whole_seconds);
  bench.ahead = 7s + 100ms;  // a receiver that is 100 ms late, and a clock that is 7 s behind
  bench.now += 1s;
  REQUIRE(teller.take(bench.time(), nullptr, bench.context()));
  bench.now += 1s;
  const auto record = clock.take(bench.pulse(), &teller, bench.context());
  REQUIRE(record);
  CHECK(record->offset.count() == Approx(7));
  bench.now += 1s;  // the receiver is silent for longer than maxlockage has it
  CHECK_FALSE(clock.take(bench.pulse(), &teller, bench.context()));
  CHECK(clock.trouble() == RefclockTrouble::no_whole_seconds);
  bench.ahead = 7s + 450ms;
  REQUIRE(teller.take(bench.time(), nullptr, bench.context()));
  CHECK_FALSE(clock.take(bench.pulse(), &teller, bench.context()));
  CHECK(clock.trouble() == RefclockTrouble::ambiguous_pulse);
}

TEST_CASE("By its width a pulse of the other edge is left out, by its rate one begins a part of a second") {
  auto settings = settings_of("PPS", 0);
  settings.width = 200ms;
  auto clock = make(settings);
  Bench bench;
  bench.now += 1s;
  CHECK(clock.take(bench.pulse(), nullptr, bench.context()));
  bench.now += 200ms;
  CHECK_FALSE(clock.take(bench.pulse(), nullptr, bench.context()));
  CHECK(clock.trouble() == RefclockTrouble::wrong_edge);

  settings.width = {};
  settings.pps_rate = 5;
  auto fast = make(settings);
  const auto record = fast.take(bench.pulse(), nullptr, bench.context());  // 1.2 s: the sixth of them
  REQUIRE(record);
  CHECK(record->offset.count() == Approx(0).margin(1e-9));
}

TEST_CASE("A clock that is whole seconds off is a clock of pulses with the option pps") {
  auto settings = settings_of("PHC", 0);
  settings.pps = true;
  auto clock = make(settings);
  Bench bench{37s + 40us};
  const auto record = clock.take(bench.time(), nullptr, bench.context());
  REQUIRE(record);
  CHECK(record->pulse);
  CHECK(record->offset.count() == Approx(40e-6));
}

TEST_CASE("A clock in TAI is corrected by the table of leap seconds, and does not count near one") {
  auto settings = settings_of("PHC", 0);
  settings.tai = true;
  auto clock = make(settings);
  Bench bench{37s + 40us};
  CHECK_FALSE(clock.take(bench.time(), nullptr, bench.context()));
  CHECK(clock.trouble() == RefclockTrouble::no_tai_offset);
  bench.tai_offset = [](base::RealTime utc) -> std::optional<std::int16_t> {
    return utc >= start + 10s ? std::int16_t{38} : std::int16_t{37};
  };
  const auto record = clock.take(bench.time(), nullptr, bench.context());
  REQUIRE(record);
  CHECK(record->offset.count() == Approx(40e-6));
  bench.now = start + 10s;
  CHECK_FALSE(clock.take(bench.time(), nullptr, bench.context()));
}

TEST_CASE("Pulses numbered by our clock have its stratum while nobody else has told the time") {
  auto clock = make(settings_of("PPS", 0));
  Bench bench;
  bench.tracking.stratum = 10;
  REQUIRE(clock.take(bench.pulse(), nullptr, bench.context()));
  CHECK(clock.numbers_by_clock());
  CHECK(clock.poll_over(bench.context(), true).sample->stratum.value == 9);
  bench.now += 1s;
  REQUIRE(clock.take(bench.pulse(), nullptr, bench.context()));
  CHECK(clock.poll_over(bench.context(), false).sample->stratum.value == 0);
}

TEST_CASE("A clock that has become silent is not reachable, and after maxunreach too long so") {
  auto settings = settings_of("SHM", 0);
  settings.max_unreach = 3;
  auto clock = make(settings);
  Bench bench;
  REQUIRE(clock.take(bench.time(), nullptr, bench.context()));
  CHECK(clock.poll_over(bench.context(), false).sample);
  for (int i = 0; i < 3; ++i) CHECK_FALSE(clock.poll_over(bench.context(), false).sample);
  CHECK_FALSE(clock.report(bench.context().now).unreachable_too_long);
  CHECK_FALSE(clock.poll_over(bench.context(), false).sample);
  const auto report = clock.report(bench.context().now);
  CHECK(report.unreachable_too_long);
  CHECK(report.reach == 0x10);
  CHECK(report.trouble == RefclockTrouble::silent);
}

TEST_CASE("Readings too far apart give no sample with maxdispersion") {
  auto settings = settings_of("SHM", 2);
  settings.max_dispersion = 1ms;
  auto clock = make(settings);
  Bench bench;
  for (const auto ahead : {0ms, 20ms, 40ms, 60ms}) {
    bench.now += 1s;
    bench.ahead = ahead;
    REQUIRE(clock.take(bench.time(), nullptr, bench.context()));
  }
  CHECK_FALSE(clock.poll_over(bench.context(), false).sample);
  CHECK(clock.trouble() == RefclockTrouble::too_noisy);
}

TEST_CASE("A local clock, without true time, says that it is not synchronised") {
  auto settings = settings_of("PHC", 0);
  settings.local = true;
  auto clock = make(settings);
  Bench bench;
  REQUIRE(clock.take(bench.time(), nullptr, bench.context()));
  CHECK(clock.poll_over(bench.context(), false).sample->leap == base::LeapIndicator::unsynchronised);
}

TEST_CASE("Without `refid` each reference clock has an identifier of its own") {
  config::RefClock clock;
  clock.driver = "SOCK";
  const auto text = [&clock](std::size_t index) { return config::reference_name(clock, index); };
  CHECK(text(0) == "SOC0");
  CHECK(text(9) == "SOC9");
  CHECK(text(10) == "SO10");
  CHECK(text(13) == "SO13");
  CHECK(engine::reference_id_of(clock, 11) != engine::reference_id_of(clock, 12));
  clock.reference_id = "GPS";
  CHECK(text(12) == "GPS");
}
