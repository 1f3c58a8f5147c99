// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/oracle/oracle.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/oracle/delays.hpp"
#include "tests/bench/oracle/particle_filter.hpp"

namespace gnomon::bench {

namespace {

using simulation::Jitter;
using simulation::Scenario;
using simulation::ServerModel;
using simulation::Trace;

// What of a delay each particle takes to have been above the fixed part, at the latest exchange. Particles
// take others' places at each update, so such a server must be the only one.
struct Memory {
  std::vector<std::array<double, 2>> excesses{};
  double at = 0;  // s; when
};

// One exchange: were our clock further ahead than it is, the way out would have taken longer than measured,
// and the way back shorter.
class ExchangeLikelihood : public Likelihood {
 public:
  ExchangeLikelihood(const ServerModel& server, const Trace::Exchange& exchange, const Memory& memory)
      : server_(server),
        memory_(memory),
        passed_(memory.excesses.empty() ? -1 : exchange.sent - memory.at),
        out_(exchange.out - server.delay - (on_longer_route(server, exchange.sent) ? server.route_out : 0)),
        back_(exchange.back - server.delay -
              (on_longer_route(server, exchange.sent) ? server.route_back : 0)) {}

  [[nodiscard]] Support support() const override {
    if (server_.kind == Jitter::normal) return {};
    return {-out_, back_};
  }
  [[nodiscard]] Normal normal() const override {
    if (server_.kind != Jitter::normal) return {};
    return {(back_ - out_) / 2, server_.jitter / std::sqrt(2.0)};
  }
  [[nodiscard]] double rest(std::size_t particle, double offset) const override {
    if (server_.kind == Jitter::normal || is_even()) return 1;
    const auto [out, back] = excesses(offset);
    const bool knows = passed_ >= 0;
    const Delay request{false, out, knows ? memory_.excesses[particle][0] : 0, passed_};
    const Delay answer{true, back, knows ? memory_.excesses[particle][1] : 0, passed_};
    return density(server_, request) * density(server_, answer);
  }
  [[nodiscard]] std::array<double, 2> excesses(double offset) const {
    return {std::max(out_ + offset, 0.0), std::max(back_ - offset, 0.0)};
  }

 private:
  // Two exponential parts of one mean: their product depends on the sum alone.
  [[nodiscard]] bool is_even() const { return server_.kind == Jitter::exponential && !server_.jitter_back; }

  const ServerModel& server_;
  const Memory& memory_;
  double passed_;
  double out_;
  double back_;
};

class Oracle {
 public:
  Oracle(const Scenario& scenario, const ParticleFilter::Prior& prior, std::size_t particles)
      : scenario_(scenario), filter_(particles, prior, 1), memories_(scenario.servers.size()) {}

  // How many particles carry the estimate then.
  double take(const Trace::Exchange& exchange) {
    const ServerModel& server = scenario_.servers[exchange.server];
    Memory& memory = memories_[exchange.server];
    const ExchangeLikelihood likelihood(server, exchange, memory);
    const double effective = filter_.update(likelihood);
    if (server.kind == Jitter::queue) remember(memory, likelihood, exchange.sent);
    return effective;
  }
  [[nodiscard]] ParticleFilter& filter() { return filter_; }

 private:
  void remember(Memory& memory, const ExchangeLikelihood& likelihood, double at) {
    memory.excesses.resize(filter_.size());
    for (std::size_t i = 0; i < filter_.size(); ++i)
      memory.excesses[i] = likelihood.excesses(filter_.offset(i));
    memory.at = at;
  }

  const Scenario& scenario_;
  ParticleFilter filter_;
  std::vector<Memory> memories_;
};

// By what the frequency changed by chance at the end of each second: the rest is known beforehand.
std::vector<double> chances(const simulation::Oscillator& oscillator, const Trace& trace) {
  const simulation::Drift foretold(oscillator);
  std::vector<double> walk;
  walk.reserve(trace.frequencies.size());
  for (std::size_t i = 0; i < trace.frequencies.size(); ++i)
    walk.push_back(trace.frequencies[i] - foretold.at(static_cast<double>(i)));
  for (std::size_t i = 0; i + 1 < walk.size(); ++i) walk[i] = walk[i + 1] - walk[i];
  if (!walk.empty()) walk.pop_back();
  return walk;
}

ParticleFilter::Prior prior_of(const Scenario& scenario, const std::optional<simulation::KnownDrift>& drift) {
  constexpr double nothing_known = 200e-6;  // s/s
  const double truth = simulation::Drift(scenario.oscillator).at(0);
  return {1, drift ? drift->frequency - truth : -truth, drift ? drift->deviation : nothing_known};
}

// nullopt: fewer than `least` particles carried the estimate at some time.
std::optional<simulation::Result> try_estimate(const Scenario& scenario, const Trace& trace,
                                               const ParticleFilter::Prior& prior, std::size_t particles,
                                               double least) {
  Oracle oracle(scenario, prior, particles);
  ParticleFilter& filter = oracle.filter();
  simulation::Figures figures(scenario.settle);
  double t = 0;
  auto next = trace.exchanges.begin();
  double second = 1;
  for (const double chance : chances(scenario.oscillator, trace)) {
    for (; next != trace.exchanges.end() && next->arrived <= second; ++next) {
      filter.advance(next->arrived - t);
      t = next->arrived;
      if (oracle.take(*next) < least) return std::nullopt;
    }
    filter.advance(second - t);
    t = second;
    figures.add(filter.error(), 0);
    filter.kick(scenario.oscillator.wander, chance);
    second += 1;
  }
  return std::move(figures).result(trace.exchanges.size());
}

}  // namespace

simulation::Result best_estimate(const Scenario& scenario, const Trace& trace,
                                 const std::optional<simulation::KnownDrift>& drift, std::size_t particles) {
  // Two bursts at the start leave few of a thousand.
  constexpr std::size_t most = 64;
  constexpr double enough = 20;
  const ParticleFilter::Prior prior = prior_of(scenario, drift);
  for (std::size_t factor = 1; factor <= most; factor *= 8)
    if (auto result = try_estimate(scenario, trace, prior, factor * particles, enough))
      return *std::move(result);
  auto result = try_estimate(scenario, trace, prior, most * particles, 1e-9);
  if (!result) throw std::runtime_error("the oracle lost the clock in " + scenario.name);
  return *std::move(result);
}

}  // namespace gnomon::bench
