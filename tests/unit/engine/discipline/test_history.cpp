// SPDX-License-Identifier: GPL-2.0-or-later
// A daemon that ends and is started again with -r, in the closed loop.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "daemon/core/engine/discipline/history.hpp"
#include "tests/sim/simulation.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using simulation::Server;
using simulation::World;
using namespace std::chrono_literals;

namespace {

constexpr double settled = 20000;
constexpr double pause = 30;
constexpr double looked_at = 2000;

std::vector<Server> servers() {
  Server near;
  near.options.iburst = true;
  Server far = near;
  far.delay = 5e-3;
  far.jitter = 500e-6;
  return {near, near, far};
}

double worst(const std::vector<float>& errors, std::size_t from) {
  double most = 0;
  for (std::size_t i = from; i < errors.size(); ++i)
    most = std::max(most, std::fabs(static_cast<double>(errors[i])));
  return most;
}

struct After {
  double worst = 0;
  double first = 0;  // s, error when it has just begun again
  std::uint32_t samples_before = 0;
  std::uint32_t samples = 0;
};

After after_restart(bool restore, std::uint64_t seed, engine::TimekeeperSettings settings = {}) {
  World world({}, servers(), settings, seed);
  world.run(settled, settled - 1000);
  const auto before = world.timekeeper().statistics({1}, world.now()).samples;
  world.restart(pause, settings, restore);
  const auto samples = world.timekeeper().statistics({1}, world.now()).samples;
  const auto result = world.run(settled + pause + looked_at, settled + pause);
  return {worst(result.errors, 0), std::fabs(static_cast<double>(result.errors.front())), before, samples};
}

double uninterrupted(std::uint64_t seed) {
  World world({}, servers(), {}, seed);
  const auto errors = world.run(settled + pause + looked_at, settled).errors;
  return worst(errors, static_cast<std::size_t>(settled + pause));
}

}  // namespace

TEST_CASE("a restart with -r goes on without a jump, as if there had been none") {
  double restored = 0, fresh = 0, never = 0;
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
    restored += after_restart(true, seed).worst;
    fresh += after_restart(false, seed).worst;
    never += uninterrupted(seed);
  }
  INFO("worst error: restored " << restored / 5 << " s, fresh " << fresh / 5 << " s, never ended "
                                << never / 5);
  CHECK(restored < 1.3 * never);
  CHECK(restored < fresh);
}

TEST_CASE("the restored samples are there at once and select a source before anyone has answered") {
  const auto restored = after_restart(true, 1);
  CHECK(restored.samples_before > 5);
  CHECK(restored.samples == restored.samples_before);
  CHECK(after_restart(false, 1).samples == 0);
}

TEST_CASE("without steering the history is taken up as well") {
  engine::TimekeeperSettings settings;
  settings.steer = false;
  World world({}, servers(), settings);
  world.run(settled, settled - 1);
  const auto before = world.timekeeper().tracking(world.now());
  world.restart(pause, settings, true);
  const auto after = world.timekeeper().tracking(world.now());
  CHECK(after.system_time.count() == Approx(-world.clock().error()).margin(50e-6));
  CHECK(after.frequency.value == Approx(before.frequency.value).margin(0.05));
}

TEST_CASE("a history that the first new sample belies is dropped") {
  using namespace engine;
  const auto run = [](base::Duration moved) {
    Timekeeper keeper({});
    config::Source source;
    source.name = "192.0.2.1";
    keeper.add({{1}, source, {}, false});
    Dump dump{.name = source.name, .reach = 0377, .stratum = 2};
    base::Now now{base::RealTime{1'800'000'000s}, base::MonoTime{5000s}};
    for (int i = 10; i > 0; --i)
      dump.samples.push_back({.time = now.real - i * 64s,
                              .offset = base::Seconds{i % 2 * 1e-6},
                              .delay = base::Seconds{1e-3},
                              .dispersion = base::Seconds{1e-6},
                              .root_delay = base::Seconds{2e-3},
                              .root_dispersion = base::Seconds{1e-3}});
    static_cast<void>(keeper.restore({1}, dump, now));
    CHECK(keeper.statistics({1}, now).samples > 5);
    Sample sample;
    sample.time = now.real += 10s;
    sample.mono = now.mono += 10s;
    sample.offset = base::to_seconds(moved);
    sample.delay = base::Seconds{1e-3};
    sample.stratum = {2};
    const auto decisions = keeper.update({1}, {.reach = 1}, sample, now);
    const bool said = std::ranges::any_of(
        decisions.notes, [](const Note& note) { return is_about<note::HistoryDropped>(note); });
    CHECK(said == (keeper.statistics({1}, now).samples == 1));
    return said;
  };
  CHECK_FALSE(run(100us));
  CHECK(run(20ms));
  CHECK(run(-3600s));
}

TEST_CASE("what is taken out of a clock is put in the same place of the next one") {
  using namespace engine;
  constexpr base::RealTime start{1'800'000'000s};
  Timescale before(start, 20e-6);
  SampleRecord record{RegressionLimits{}};
  for (int i = 0; i < 8; ++i) {
    const Sample s{.time = start + i * 64s,
                   .mono = base::MonoTime{i * 64s},
                   .offset = base::Seconds{0.25},
                   .delay = base::Seconds{1e-3},
                   .dispersion = base::Seconds{1e-6},
                   .root_delay = base::Seconds{2e-3},
                   .root_dispersion = base::Seconds{3e-3},
                   .stratum = {3},
                   .leap = base::LeapIndicator::insert};
    record.add({s, observation_of(s, before)});
  }
  config::Source source;
  source.name = "ntp.example";
  const base::RealTime end = start + 1000s;
  const LocalTime local = before.local(end);
  const Dump dump = dump_of({{1}, source, {}, true}, 0377, record, {end, local, before.ahead(local), 20e-6});
  CHECK(dump.name == "ntp.example");
  CHECK(dump.authenticated);
  CHECK(dump.reach == 0377);
  CHECK(dump.stratum == 3);
  REQUIRE(dump.samples.size() == 8);
  CHECK(dump.samples.front().offset.count() == Approx(-0.25));
  CHECK(dump.samples.front().root_delay.count() == Approx(3e-3));
  // The next daemon starts 30 s later, the clock has gone on at its rate.
  const auto restored = samples_of(dump, {end + 30s, base::MonoTime{1030s}, 20e-6});
  REQUIRE(restored.size() == 8);
  const auto& [sample, observation] = restored.front();
  CHECK(base::to_seconds(observation.at.since_start).count() == Approx(-1030 / (1 + 20e-6)).margin(1e-6));
  CHECK(sample.mono == base::MonoTime{});
  CHECK(sample.offset.count() == 0.25);
  CHECK(sample.root_delay.count() == Approx(2e-3));
  CHECK(sample.root_dispersion.count() == Approx(3e-3));
  CHECK(sample.leap == base::LeapIndicator::insert);
  // On the scale of the new start the source is where it was: 0.25 s ahead of a clock that has not moved
  // since.
  const Timescale after(end + 30s, 20e-6);
  CHECK(base::to_seconds(observation.theta - after.ahead(observation.at)).count() ==
        Approx(0.25).margin(1e-6));
}

TEST_CASE("a first sample agrees as far as delay, error and age of the line allow") {
  using namespace engine;
  const Estimate line{
      .at = LocalTime{}, .skew = 1e-6, .error = base::Seconds{1e-5}, .delay = base::Seconds{1e-3}};
  const auto at = [&line](double age, double theta) {
    Sample sample;
    sample.delay = base::Seconds{1e-3};
    const LocalTime local{base::to_duration(base::Seconds{age})};
    return agrees({sample, {local, base::to_duration(base::Seconds{theta}), sample.delay, {}}}, line, 5e-6);
  };
  CHECK(at(0, 1e-3));
  CHECK_FALSE(at(0, 1.1e-3));
  // A line without a frequency goes on at the clock's.
  CHECK(at(1000, 5e-3 + 3.9e-3));
  CHECK_FALSE(at(1000, 5e-3 + 4.1e-3));
}

}  // namespace gnomon::testing
