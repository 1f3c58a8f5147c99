// SPDX-License-Identifier: GPL-2.0-or-later
// Prints how accurate the clock is kept in every scenario, beside what chrony reaches, and draws the errors.
//   accuracy [--seeds FIRST-LAST] [--poll 6|10|default] [--svg FOLDER] [SCENARIO...]
// Parameters are chosen on seeds 1-8, figures reported on 101-108.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "tests/bench/choice.hpp"
#include "tests/bench/plot.hpp"
#include "tests/sim/play.hpp"

namespace gnomon::bench {

namespace {

using simulation::Baseline;
using simulation::Polling;
using simulation::Result;
using simulation::Scenario;

struct Wish : Choice {
  std::string folder;
};

struct Job {
  Scenario scenario;
  Polling polling{};
  std::uint64_t seed = 0;
  Result result{};
};

double chrony_rms(const Baseline& chrony, Polling polling) {
  if (polling == Polling::every_64_s) return chrony.rms_poll6;
  return polling == Polling::every_1024_s ? chrony.rms_poll10 : chrony.rms;
}

std::vector<Job> jobs_of(const Wish& wish) {
  std::vector<Job> jobs;
  for (const auto& scenario : simulation::scenarios()) {
    if (!wish.wants(scenario.name)) continue;
    for (const Polling polling : wish.pollings)
      for (auto seed = wish.first_seed; seed <= wish.last_seed; ++seed)
        jobs.push_back({scenario, polling, seed});
  }
  return jobs;
}

template <class Figure>
double mean(const std::vector<const Job*>& jobs, Figure figure) {
  double sum = 0;
  for (const Job* job : jobs) sum += std::log(std::max(figure(job->result), 1e-12));
  return std::exp(sum / static_cast<double>(jobs.size()));
}

std::string ratio(double ours, double theirs) {
  return theirs > 0 ? fmt::format("{:5.2f}", ours / theirs) : "    -";
}

// Until the error stays below ten times what chrony's RMS is, whatever ours is.
double time_to_chronys_level(const Result& result, const Scenario& scenario) {
  const auto settled = std::min(result.errors.size(), static_cast<std::size_t>(scenario.settle));
  for (std::size_t i = settled; i > 0; --i)
    if (std::fabs(static_cast<double>(result.errors[i - 1])) > 10 * scenario.chrony.rms)
      return static_cast<double>(i);
  return 1;
}

// Logarithm of the ratio of RMS to chrony's, where that is known.
double print_row(const std::vector<const Job*>& jobs) {
  const Scenario& scenario = jobs.front()->scenario;
  const Polling polling = jobs.front()->polling;
  const bool all_known = polling == Polling::by_default;
  const Baseline& chrony = scenario.chrony;
  const double rms = mean(jobs, [](const Result& r) { return r.rms; });
  const double max = mean(jobs, [](const Result& r) { return r.max; });
  const double frequency = mean(jobs, [](const Result& r) { return r.rms_frequency; });
  const double convergence = mean(jobs, [](const Result& r) { return std::max(r.convergence, 1.0); });
  const double level =
      mean(jobs, [&scenario](const Result& r) { return time_to_chronys_level(r, scenario); });
  const double packets = mean(jobs, [](const Result& r) { return static_cast<double>(r.packets); });
  const double known = chrony_rms(chrony, polling);
  fmt::print("{:<13}{:>8} {:9.2e} {} {:9.2e} {} {:9.2e} {} {:6.0f} {} {} {:6.0f} {}\n", scenario.name,
             word(polling), rms, ratio(rms, known), max, ratio(max, all_known ? chrony.max : 0), frequency,
             ratio(frequency, all_known ? chrony.rms_frequency : 0), convergence,
             ratio(convergence, all_known ? chrony.convergence : 0),
             ratio(level, all_known ? chrony.convergence : 0), packets,
             ratio(packets, all_known ? chrony.packets : 0));
  return known > 0 ? std::log(rms / known) : 0;
}

void draw(const Job& job, const std::string& folder) {
  if (folder.empty()) return;
  const std::string title = fmt::format("{}, poll {}", job.scenario.name, word(job.polling));
  std::ofstream(fmt::format("{}/{}-{}.svg", folder, job.scenario.name, word(job.polling)))
      << plot(title, job.result.errors, chrony_rms(job.scenario.chrony, job.polling));
}

void report(const std::vector<Job>& jobs, const Wish& wish) {
  fmt::print(
      "seeds {}-{}; each figure with its ratio to chrony's; level: convergence to ten times chrony's RMS\n",
      wish.first_seed, wish.last_seed);
  fmt::print("{:<13}{:>8} {:>15} {:>15} {:>15} {:>12} {:>5} {:>12}\n", "scenario", "poll", "RMS s", "max s",
             "RMS freq", "conv s", "level", "packets");
  const std::size_t seeds = wish.last_seed - wish.first_seed + 1;
  for (const Polling polling : wish.pollings) {
    double sum = 0;
    int rows = 0;
    for (std::size_t i = 0; i < jobs.size(); i += seeds) {
      if (jobs[i].polling != polling) continue;
      std::vector<const Job*> row;
      row.reserve(seeds);
      for (std::size_t k = 0; k < seeds; ++k) row.push_back(&jobs[i + k]);
      sum += print_row(row);
      if (chrony_rms(jobs[i].scenario.chrony, polling) > 0) ++rows;
      draw(jobs[i], wish.folder);
    }
    if (rows > 0)
      fmt::print("geometric mean of {} RMS ratios at poll {}: {:.3f}\n\n", rows, word(polling),
                 std::exp(sum / rows));
  }
}

int run(const std::vector<std::string>& arguments) {
  Wish wish;
  const auto take_folder = [&wish](std::string_view option, std::string_view value) {
    if (option != "--svg") return false;
    wish.folder = value;
    return true;
  };
  if (!read_choice(wish, arguments, take_folder,
                   "accuracy [--seeds FIRST-LAST] [--poll 6|10|default] [--svg FOLDER] [SCENARIO...]"))
    return 2;
  std::vector<Job> jobs = jobs_of(wish);
  work_in_pairs(jobs.size(), [&jobs](std::size_t i) {
    jobs[i].result = simulation::play(jobs[i].scenario, jobs[i].polling, jobs[i].seed);
  });
  report(jobs, wish);
  return 0;
}

}  // namespace

}  // namespace gnomon::bench

int main(int argc, char** argv) {
  return gnomon::bench::run({argv + 1, argv + argc});
}
