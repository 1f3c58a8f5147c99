// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/play.hpp"

#include "tests/sim/known_drift.hpp"
#include "tests/sim/simulation.hpp"

namespace gnomon::simulation {

namespace {

void set_polling(config::Source& source, Polling polling, bool fixed) {
  source.iburst = true;
  if (polling == Polling::every_64_s || (fixed && polling == Polling::by_default))
    source.max_poll = {6};
  else if (polling == Polling::every_1024_s)
    source.min_poll = {10};
  else if (polling == Polling::every_16_s)
    source.min_poll = source.max_poll = {4};
}

engine::DriftFile drift_file(const Oscillator& oscillator, std::uint64_t seed) {
  const KnownDrift known = known_drift(oscillator, seed);
  return {base::ppm_of_ratio(known.frequency), base::ppm_of_ratio(known.deviation)};
}

}  // namespace

Result play(const Scenario& scenario, Polling polling, std::uint64_t seed, Start start, Trace* trace) {
  engine::TimekeeperSettings settings;
  settings.clock.make_step = config::MakeStep{base::Seconds{1}, 3};
  if (start == Start::with_drift_file) settings.drift = drift_file(scenario.oscillator, seed);
  std::vector<Server> servers;
  for (const auto& model : scenario.servers) {
    servers.push_back({model, {}});
    servers.back().options.interleaved = scenario.interleaved;
    set_polling(servers.back().options, polling, scenario.fixed_poll);
  }
  World world(scenario.oscillator, servers, settings, seed);
  if (trace != nullptr) world.record(*trace);
  return world.run(scenario.until, scenario.settle);
}

}  // namespace gnomon::simulation
