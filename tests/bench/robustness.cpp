// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/robustness.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "tests/sim/play.hpp"

namespace gnomon::bench {

namespace {

using simulation::Polling;
using simulation::Result;
using simulation::Scenario;
using simulation::ServerModel;

struct Variant {
  const char* name;
  void (*spoil)(std::vector<ServerModel>& servers);
};

// As 56 us are to the 200 us of the lan, both ways.
double too_short(const ServerModel& server) {
  return 0.28 * 2 * server.delay;
}

void spoil_first(std::vector<ServerModel>& servers) {
  servers.front().late_stamps = {.bad_round_trip = too_short(servers.front()), .first_is_bad = true};
}

void spoil_one_of_100(std::vector<ServerModel>& servers) {
  for (auto& server : servers) server.late_stamps = {.bad_round_trip = too_short(server), .bad_one_of = 100};
}

void spoil_each_hour(std::vector<ServerModel>& servers) {
  for (auto& server : servers) server.late_stamps = {.late = 1e-3, .period = 3600};
}

constexpr std::array<Variant, 4> variants{{{"undisturbed", [](std::vector<ServerModel>&) {}},
                                           {"first sample", spoil_first},
                                           {"one of 100", spoil_one_of_100},
                                           {"1 ms each hour", spoil_each_hour}}};

// RMS, geometric means over the seeds.
struct Figures {
  double steady = 0;
  double minutes = 0;
  double hour = 0;
};

Figures mean(const std::vector<Result>& results) {
  Figures sum;
  for (const auto& r : results) {
    sum.steady += std::log(r.rms);
    sum.minutes += std::log(r.rms_first_minutes);
    sum.hour += std::log(r.rms_first_hour);
  }
  const auto count = static_cast<double>(results.size());
  return {std::exp(sum.steady / count), std::exp(sum.minutes / count), std::exp(sum.hour / count)};
}

Figures play(const Choice& choice, Scenario scenario, Polling polling, const Variant& variant) {
  variant.spoil(scenario.servers);
  std::vector<Result> results(choice.last_seed - choice.first_seed + 1);
  work_in_pairs(results.size(), [&](std::size_t i) {
    results[i] = simulation::play(scenario, polling, choice.first_seed + i);
  });
  return mean(results);
}

struct Worst {
  double ratio = 0;
  std::string scenario{"-"};
  double log_sum = 0;
  int rows = 0;
};

void print_ratios(const std::string& name, Polling polling, const std::vector<Figures>& all,
                  std::array<Worst, variants.size()>& worst) {
  std::string line = fmt::format("{:<16}{:>8}{:10.2e}", name, word(polling), all.front().steady);
  for (std::size_t i = 1; i < all.size(); ++i) {
    const double ratio = all[i].steady / all.front().steady;
    line += fmt::format("{:8.3f}{:7.3f}{:7.3f}", ratio, all[i].minutes / all.front().minutes,
                        all[i].hour / all.front().hour);
    worst[i].log_sum += std::log(ratio);
    ++worst[i].rows;
    if (ratio <= worst[i].ratio) continue;
    worst[i].ratio = ratio;
    worst[i].scenario = name;
  }
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

void report(const Choice& choice, const std::vector<Scenario>& scenarios, Polling polling) {
  std::array<Worst, variants.size()> worst;
  for (const auto& scenario : scenarios) {
    std::vector<Figures> all;
    all.reserve(variants.size());
    for (const auto& variant : variants) all.push_back(play(choice, scenario, polling, variant));
    print_ratios(scenario.name, polling, all, worst);
  }
  for (std::size_t i = 1; i < variants.size(); ++i)
    if (worst[i].rows > 0)
      fmt::print("poll {}, {}: geometric mean {:.3f}, worst {:.3f} ({})\n", word(polling), variants[i].name,
                 std::exp(worst[i].log_sum / worst[i].rows), worst[i].ratio, worst[i].scenario);
  fmt::print("\n");
}

}  // namespace

void report_robustness(const Choice& choice, const std::vector<Scenario>& scenarios) {
  fmt::print(
      "seeds {}-{}; RMS in s, then its ratio with late timestamps to without: steady, 60-1000 s, "
      "1000-5000 s\n{:<16}{:>8}{:>10}",
      choice.first_seed, choice.last_seed, "scenario", "poll", "RMS s");
  for (std::size_t i = 1; i < variants.size(); ++i) fmt::print("{:>22}", variants[i].name);
  fmt::print("\n");
  for (const Polling polling : choice.pollings) report(choice, scenarios, polling);
}

}  // namespace gnomon::bench
