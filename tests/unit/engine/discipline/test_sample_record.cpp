// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/sample_record.hpp"

#include <chrono>
#include <cmath>

#include "daemon/core/engine/values/reference_id.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/discipline/hand.hpp"

namespace gnomon::testing {

namespace {

constexpr base::Now now{base::RealTime{1'800'000'000s}, base::MonoTime{100s}};

KeptSample kept(double after, double offset, const base::IpAddress& local = {}) {
  const auto passed = base::to_duration(base::Seconds{after});
  Sample s = sample({now.real + passed, now.mono + passed}, offset);
  s.local = local;
  return {s, observation_of(s, Timescale(now.real))};
}

}  // namespace

TEST_CASE("a sample is put on the free-running scale") {
  Timescale timescale(now.real - 100s);
  timescale.change(now.real + 5s, 0, 5s);  // stepped
  const Sample s = sample({now.real + 20s, now.mono}, 0.25);
  const Observation o = observation_of(s, timescale);
  CHECK(o.at == LocalTime{115s});
  CHECK(o.theta == 5250ms);
  CHECK(o.delay == s.delay);
}

TEST_CASE("what a peer was measured over is made even: the clock was slewed in between") {
  constexpr double drift = 1e-4;  // what the clock is run at, slower than true by nothing
  Timescale timescale(now.real);
  timescale.change(now.real, drift, {});
  // For 10 of 64 s the clock was slewed, by 5 ms.
  timescale.change(now.real + 20s, drift + 5e-4, {});
  timescale.change(now.real + 30s, drift, {});
  const auto reading = [&](double local) {
    return timescale.system(LocalTime{base::to_duration(base::Seconds{local})});
  };
  // True time is what the clock would show without the slew; both ways take 1 ms.
  const base::RealTime sent = reading(0);
  const base::RealTime received = reading(64);
  const base::Seconds elapsed{64 * (1 + drift)};
  Sample measured = sample({sent + (received - sent) / 2, now.mono}, 0);
  measured.span = Span{sent, received, elapsed - base::Seconds{2e-3}};
  const auto true_middle = now.real + base::to_duration(elapsed / 2);
  measured.offset = base::to_seconds(true_middle - (sent + (received - sent) / 2));
  measured.delay = base::to_seconds(received - sent) - measured.span->remote;
  REQUIRE(std::fabs(measured.delay.count() - 7e-3) < 1e-5);
  const Sample even = straightened(measured, timescale, drift, 0);
  CHECK((even.delay - even.dispersion).count() == Approx(2e-3).epsilon(1e-4));
  CHECK(even.time == reading(32));
  CHECK(base::to_seconds(even.time - now.real).count() + even.offset.count() ==
        Approx(32 * (1 + drift)).margin(1e-8));
  CHECK_FALSE(even.span);
  measured.span.reset();
  CHECK(straightened(measured, timescale, drift, 0).time == measured.time);
}

TEST_CASE(
    "what a clock may drift by while a peer is measured makes its round trip uncertain, not its offset") {
  const Timescale timescale(now.real);
  constexpr double bound = 1e-6;
  constexpr double skew = 5e-6;  // it is not known any better yet
  Sample measured = sample({now.real + 32s, now.mono}, 0);
  measured.span = Span{now.real, now.real + 64s, base::Seconds{64 - 50e-6}, skew};
  measured.delay = base::Seconds{50e-6};  // so it seems
  measured.dispersion = base::Seconds{1e-7 + 64 * (bound + skew)};
  const Sample even = straightened(measured, timescale, 0, bound);
  CHECK(even.dispersion.count() == Approx(1e-7));
  CHECK(even.delay.count() == Approx(50e-6 + 1e-7 + 64 * skew));
}

TEST_CASE("a peer that is sent to after it was heard is measured as finely as one that is heard last") {
  const Timescale timescale(now.real);
  constexpr double bound = 1e-6;
  Sample measured = sample({now.real + 32s, now.mono}, 0);
  measured.span = Span{now.real + 32s + 450ms, now.real + 31s + 550ms, base::Seconds{-0.9 - 50e-6}};
  measured.delay = base::Seconds{50e-6};
  measured.dispersion = base::Seconds{1e-9 + 0.9 * bound};
  const Sample even = straightened(measured, timescale, 0, bound);
  CHECK(even.dispersion.count() == Approx(1e-9));
  CHECK(even.delay.count() == Approx(50e-6 + 1e-9));
}

TEST_CASE("the round trip of packets far apart is what the frequency makes of it, whichever came first") {
  const Timescale timescale(now.real);
  CHECK_FALSE(apart_of(sample({now.real, now.mono}, 0), timescale));
  Sample measured = sample({now.real + 32s, now.mono}, 0);
  for (const double apart : {64.0, -0.9}) {
    // Our clock is slow by 1e-4.
    measured.span = Span{now.real, now.real + base::to_duration(base::Seconds{apart}),
                         base::Seconds{apart * (1 + 1e-4) - 50e-6}, 2e-6};
    const auto found = apart_of(measured, timescale);
    REQUIRE(found);
    CHECK(found->ours.count() == Approx(apart));
    CHECK(found->delay(1e-4).count() == Approx(50e-6 + std::fabs(apart) * 2e-6).epsilon(1e-4));
  }
}

TEST_CASE("a record has its last sample and a line through all, until it is cleared") {
  SampleRecord record{RegressionLimits{}};
  CHECK_FALSE(record.estimate());
  for (int i = 0; i < 5; ++i) record.add(kept(16.0 * i, 0.25 + 1e-6 * 16 * i));
  CHECK(record.last().offset.count() == Approx(0.25 + 64e-6));
  CHECK(record.last_observation().at == LocalTime{64s});
  CHECK(record.estimate()->samples == 5);
  CHECK(record.estimate()->frequency == Approx(1e-6).epsilon(0.01));
  record.clear();
  CHECK_FALSE(record.estimate());
  CHECK(record.kept().empty());
}

TEST_CASE("no more samples are kept than the line may have, the oldest go") {
  SampleRecord record{RegressionLimits{.max_samples = 3}};
  for (int i = 0; i < 5; ++i) record.add(kept(i, 0));
  REQUIRE(record.kept().size() == 3);
  CHECK(record.kept().front().observation.at == LocalTime{2s});
}

TEST_CASE("our address towards the source is that of the last sample") {
  const auto ours = *base::parse_address("192.0.2.200");
  const auto other = *base::parse_address("192.0.2.201");
  SampleRecord record{RegressionLimits{}};
  CHECK(record.local_id() == base::ReferenceId{});
  record.add(kept(0, 0, ours));
  CHECK(record.local_id() == reference_id_of(ours));
  record.add(kept(1, 0, other));
  CHECK(record.local_id() == reference_id_of(other));
}

}  // namespace gnomon::testing
