// SPDX-License-Identifier: GPL-2.0-or-later
// Prints how accurate the clock is kept in every scenario, beside what chrony reaches, and draws the errors.
//   accuracy [--seeds FIRST-LAST] [--poll 4|6|10|default] [--svg FOLDER] [--first-hour yes]
//            [--robustness yes] [SCENARIO...]
// Parameters are chosen on seeds 1-8, figures reported on 101-108. --first-hour yes: the first 5000 s only.
// --robustness yes: instead, what late timestamps cost.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "tests/bench/choice.hpp"
#include "tests/bench/plot.hpp"
#include "tests/bench/robustness.hpp"
#include "tests/bench/summary.hpp"
#include "tests/sim/play.hpp"

namespace gnomon::bench {

namespace {

using simulation::Polling;
using simulation::Scenario;

struct Wish : Choice {
  std::string folder;
  bool first_hour = false;
  bool robustness = false;
};

struct Job {
  Scenario scenario;
  Polling polling{};
  std::uint64_t seed = 0;
  Runs runs{};
};

std::vector<Scenario> wanted_scenarios(const Wish& wish) {
  auto all = simulation::scenarios();
  std::erase_if(all, [&wish](const Scenario& s) { return !wish.wants(s.name); });
  return all;
}

std::vector<Job> jobs_of(const Wish& wish) {
  std::vector<Job> jobs;
  for (const Polling polling : wish.pollings)
    for (const auto& scenario : wanted_scenarios(wish))
      for (auto seed = wish.first_seed; seed <= wish.last_seed; ++seed)
        jobs.push_back({scenario, polling, seed});
  return jobs;
}

void play(Job& job, const Wish& wish) {
  const Scenario start = first_hour_of(job.scenario);
  const Scenario& cold = wish.first_hour ? start : job.scenario;
  job.runs.cold = simulation::play(cold, job.polling, job.seed);
  job.runs.warm = simulation::play(start, job.polling, job.seed, simulation::Start::with_drift_file);
}

Comparison compare(std::span<const Job> jobs) {
  std::vector<Runs> runs;
  runs.reserve(jobs.size());
  for (const auto& job : jobs) runs.push_back(job.runs);
  const Job& first = jobs.front();
  return {first.scenario.name, first.polling, summarise(runs), chronys(first.scenario, first.polling)};
}

void print_row(const Comparison& c) {
  std::string line = fmt::format("{:<16}{:>8}", c.scenario, word(c.polling));
  for (const auto& column : compared)
    line += absolute_cell(*c.ours, column) + ratio_cell(c.ratio(column.figure));
  fmt::print("{}\n", line);
}

void draw(const Job& job, const std::string& folder) {
  if (folder.empty()) return;
  const std::string title = fmt::format("{}, poll {}", job.scenario.name, word(job.polling));
  std::ofstream(fmt::format("{}/{}-{}.svg", folder, job.scenario.name, word(job.polling)))
      << plot(title, job.runs.cold->errors, chronys(job.scenario, job.polling).rms);
}

void report(const std::vector<Job>& jobs, const Wish& wish) {
  fmt::print(
      "seeds {}-{}; each figure with its ratio to chrony's; the last four: RMS in that many seconds\n"
      "after a start without and with a driftfile\n",
      wish.first_seed, wish.last_seed);
  std::string headings = fmt::format("{:<16}{:>8}", "scenario", "poll");
  for (const auto& column : compared) headings += fmt::format("{:>16}", column.heading);
  fmt::print("{}\n", headings);
  const std::size_t seeds = wish.last_seed - wish.first_seed + 1;
  std::vector<Comparison> all;
  for (std::size_t i = 0; i < jobs.size(); i += seeds) {
    if (i > 0 && jobs[i].polling != jobs[i - 1].polling) print_means(all, jobs[i - 1].polling);
    all.push_back(compare(std::span(jobs).subspan(i, seeds)));
    print_row(all.back());
    draw(jobs[i], wish.folder);
  }
  if (!jobs.empty()) print_means(all, jobs.back().polling);
}

bool take_option(Wish& wish, std::string_view option, std::string_view value) {
  if (option == "--svg") {
    wish.folder = value;
  } else if (option == "--first-hour") {
    wish.first_hour = value == "yes";
  } else if (option == "--robustness") {
    wish.robustness = value == "yes";
  } else {
    return false;
  }
  return true;
}

int run(const std::vector<std::string>& arguments) {
  Wish wish;
  const auto take_other = [&wish](std::string_view option, std::string_view value) {
    return take_option(wish, option, value);
  };
  if (!read_choice(wish, arguments, take_other,
                   "accuracy [--seeds FIRST-LAST] [--poll 4|6|10|default] [--svg FOLDER] [--first-hour yes] "
                   "[--robustness yes] [SCENARIO...]"))
    return 2;
  if (wish.robustness) {
    report_robustness(wish, wanted_scenarios(wish));
    return 0;
  }
  std::vector<Job> jobs = jobs_of(wish);
  work_in_pairs(jobs.size(), [&](std::size_t i) { play(jobs[i], wish); });
  report(jobs, wish);
  return 0;
}

}  // namespace

}  // namespace gnomon::bench

int main(int argc, char** argv) {
  return gnomon::bench::run({argv + 1, argv + argc});
}
