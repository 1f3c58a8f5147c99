// SPDX-License-Identifier: GPL-2.0-or-later
// Prints what steering by many sources costs: processor time per sample, memory per source.
//   estimator-cost [SOURCES...]
// By default 1, 8, 64 and 256 of them. The share of the joint filter is what a sample costs more than where
// no source may be selected.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <malloc.h>

#include <fmt/format.h>

#include "daemon/core/engine/discipline/timekeeper.hpp"
#include "tests/bench/idle_network.hpp"

namespace gnomon::bench {

namespace {

constexpr int rounds = 2000;              // at most, each with a sample of every source
constexpr std::size_t first_rounds = 70;  // do not count: until each source has all the samples that are kept
constexpr double longest_run = 8e6;       // us of processor time
constexpr double interval = 64;           // s, of each source

struct Cost {  // us per sample
  std::size_t samples = 0;
  double mean = 0;
  double median = 0;
  double most = 0;  // 99 % are below
  double longest = 0;
  double memory = 0;  // octets per source
};

class Run {
 public:
  Run(int sources, int selectable) : sources_(sources), before_(mallinfo2().uordblks), timekeeper_(quiet()) {
    for (int i = 0; i < sources; ++i) timekeeper_.add(traits_of(i, i < selectable));
  }
  Cost measure();

 private:
  static engine::TimekeeperSettings quiet() {
    engine::TimekeeperSettings settings;
    settings.steer = false;
    return settings;
  }
  double take_sample(int source);

  int sources_;
  std::size_t before_;
  engine::Timekeeper timekeeper_;
  std::mt19937_64 random_{1};
  base::Now now_{base::RealTime{std::chrono::seconds(1'800'000'000)},
                 base::MonoTime{std::chrono::seconds(1000)}};
};

double Run::take_sample(int source) {
  const base::Duration step = base::to_duration(base::Seconds{interval / sources_});
  now_ = {now_.real + step, now_.mono + step};
  const base::SourceId id{static_cast<std::uint32_t>(source + 1)};
  const engine::Sample sample = sample_at(now_, random_);
  const double from = used();
  static_cast<void>(timekeeper_.update(id, {.reach = 255}, sample, now_));
  return used() - from;
}

Cost Run::measure() {
  std::vector<double> costs;
  const double end = used() + longest_run;
  for (int i = 0; i < rounds * sources_ && used() < end; ++i) costs.push_back(take_sample(i % sources_));
  const std::size_t first = std::min(first_rounds * static_cast<std::size_t>(sources_), costs.size() / 2);
  costs.erase(costs.begin(), costs.begin() + static_cast<std::ptrdiff_t>(first));
  const std::size_t ours = costs.capacity() * sizeof(double);
  Cost cost;
  cost.memory = static_cast<double>(mallinfo2().uordblks - before_ - ours) / sources_;
  cost.samples = costs.size();
  for (const double c : costs) cost.mean += c / static_cast<double>(costs.size());
  std::sort(costs.begin(), costs.end());
  cost.median = costs[costs.size() / 2];
  cost.most = costs[costs.size() * 99 / 100];
  cost.longest = costs.back();
  return cost;
}

void print(int sources, int selectable) {
  const Cost cost = Run(sources, selectable).measure();
  const Cost without = Run(sources, 0).measure();
  fmt::print("{:>8}{:>12}{:>10}{:>9.1f}{:>9.1f}{:>9.1f}{:>9.1f}{:>9.0f}{:>9.1f}\n", sources, selectable,
             cost.samples, cost.mean, std::max(cost.mean - without.mean, 0.0), cost.median, cost.most,
             cost.longest, cost.memory / 1024);
  std::fflush(stdout);
}

int run(const std::vector<std::string>& arguments) {
  constexpr int few = 3;
  std::vector<int> counts;
  for (const auto& argument : arguments)
    counts.push_back(std::max(static_cast<int>(std::strtol(argument.c_str(), nullptr, 10)), 1));
  if (counts.empty()) counts = {1, 8, 64, 256};
  fmt::print(
      "us of processor time per sample; KiB per source; the others are noselect\n"
      "{:>8}{:>12}{:>10}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}\n",
      "sources", "selectable", "samples", "mean", "joint", "median", "99 %", "longest", "KiB");
  for (const int sources : counts) {
    print(sources, sources);
    if (sources > few) print(sources, few);
  }
  return 0;
}

}  // namespace

}  // namespace gnomon::bench

int main(int argc, char** argv) {
  return gnomon::bench::run({argv + 1, argv + argc});
}
