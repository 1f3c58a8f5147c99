// SPDX-License-Identifier: GPL-2.0-or-later
// Prints how accurate the clock is kept in every scenario, beside what chrony reaches, and draws the errors.
//   accuracy [--seeds FIRST-LAST] [--poll 4|6|10|default] [--svg FOLDER] [--first-hour yes]
//            [--limit no] [--robustness yes] [SCENARIO...]
// Parameters are chosen on seeds 1-8, figures reported on 101-108. --first-hour yes: the first 5000 s only.
// --limit no: without the best that can be known. --robustness yes: instead, what late timestamps cost.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "tests/bench/choice.hpp"
#include "tests/bench/oracle/oracle.hpp"
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
  bool limit = true;
  bool robustness = false;
};

struct Job {
  Scenario scenario;
  Polling polling{};
  std::uint64_t seed = 0;
  Runs runs{};
  Runs best{};
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
  using simulation::Start;
  const Scenario start = first_hour_of(job.scenario);
  const Scenario& cold = wish.first_hour ? start : job.scenario;
  simulation::Trace trace;
  job.runs.cold = simulation::play(cold, job.polling, job.seed, Start::cold, &trace);
  simulation::Trace warm_trace;
  job.runs.warm = simulation::play(start, job.polling, job.seed, Start::with_drift_file, &warm_trace);
  if (!wish.limit) return;
  job.best.cold = best_estimate(cold, trace, std::nullopt);
  job.best.warm = best_estimate(start, warm_trace, simulation::known_drift(start.oscillator, job.seed));
}

std::optional<Summary> summarise(std::span<const Job> jobs, Runs Job::* which) {
  std::vector<Runs> runs;
  runs.reserve(jobs.size());
  for (const auto& job : jobs) runs.push_back(job.*which);
  return summarise(runs);
}

Comparison compare(std::span<const Job> jobs) {
  const Job& first = jobs.front();
  return {first.scenario.name, first.polling, summarise(jobs, &Job::runs),
          chronys(first.scenario, first.polling), summarise(jobs, &Job::best)};
}

std::vector<Column> columns_of(const Wish& wish) {
  std::vector<Column> columns(compared.begin(), compared.end());
  if (wish.limit) columns.insert(columns.end(), limits.begin(), limits.end());
  return columns;
}

// Our figure, or of the limit the limit itself; then the ratio.
void print_row(const Comparison& c, std::span<const Column> columns) {
  std::string line = fmt::format("{:<16}{:>8}", c.scenario, word(c.polling));
  for (const auto& column : columns) {
    const auto& shown = column.against == &Comparison::best ? c.best : c.ours;
    line += absolute_cell(*shown, column) + ratio_cell(column.ratio(c));
  }
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
      "seeds {}-{}; each figure with its ratio to chrony's; then the RMS in the first seconds of a start\n"
      "without and with a driftfile; limit: the least RMS possible and the ratio of ours to it\n",
      wish.first_seed, wish.last_seed);
  std::string headings = fmt::format("{:<16}{:>8}", "scenario", "poll");
  const std::vector<Column> columns = columns_of(wish);
  for (const auto& column : columns) headings += fmt::format("{:>16}", column.heading);
  fmt::print("{}\n", headings);
  const std::size_t seeds = wish.last_seed - wish.first_seed + 1;
  std::vector<Comparison> all;
  for (std::size_t i = 0; i < jobs.size(); i += seeds) {
    if (i > 0 && jobs[i].polling != jobs[i - 1].polling) print_means(all, jobs[i - 1].polling, columns);
    all.push_back(compare(std::span(jobs).subspan(i, seeds)));
    print_row(all.back(), columns);
    draw(jobs[i], wish.folder);
  }
  if (!jobs.empty()) print_means(all, jobs.back().polling, columns);
}

bool take_option(Wish& wish, std::string_view option, std::string_view value) {
  if (option == "--svg") {
    wish.folder = value;
  } else if (option == "--first-hour") {
    wish.first_hour = value == "yes";
  } else if (option == "--limit") {
    wish.limit = value == "yes";
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
                   "[--limit no] [--robustness yes] [SCENARIO...]"))
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
