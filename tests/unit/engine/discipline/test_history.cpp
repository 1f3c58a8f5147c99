// SPDX-License-Identifier: GPL-2.0-or-later
// A daemon that ends and is started again with -r, in the closed loop.
#include <algorithm>
#include <chrono>
#include <cmath>

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
        decisions.notes, [](const Note& note) { return note.kind == NoteKind::history_dropped; });
    CHECK(said == (keeper.statistics({1}, now).samples == 1));
    return said;
  };
  CHECK_FALSE(run(100us));
  CHECK(run(20ms));
  CHECK(run(-3600s));
}

}  // namespace gnomon::testing
