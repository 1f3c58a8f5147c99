// SPDX-License-Identifier: GPL-2.0-or-later
// Runs stock chronyd and gnomond-sim, both whole and unmodified, in virtual time through the same scenarios
// with the same seeds, and prints how accurate each keeps the clock.
//   peers [--seeds FIRST-LAST] [--poll 4|6|10|default] [--chronyd FILE] [--gnomond FILE] [--table yes]
//         [--first-hour yes] [SCENARIO...]
// --table yes: rows of a Markdown table at the end. --first-hour yes: the first 5000 s only. Neither can
// reach the machine's clock: they run without the right to set it, and their calls end in the preloaded
// library. An empty FILE leaves that daemon out.
#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "tests/bench/choice.hpp"
#include "tests/bench/summary.hpp"
#include "tests/sim/daemon_run.hpp"

namespace gnomon::bench {

namespace {

using simulation::DaemonRun;
using simulation::Polling;
using simulation::Program;
using simulation::Result;
using simulation::Scenario;

struct Wish : Choice {
  std::string chronyd = "chronyd";
  std::string gnomond = simulation::beside("../sim/gnomond-sim");
  bool table = false;
  bool first_hour = false;
};

constexpr std::array<Figure, 7> table_ratios{
    &Summary::max,       &Summary::rms_frequency, &Summary::packets,  &Summary::cold_minutes,
    &Summary::cold_hour, &Summary::warm_minutes,  &Summary::warm_hour};

struct Job {
  DaemonRun run{};
  std::optional<Result> result{};
};

// Two for each seed: the whole run begins without a driftfile, the first hour with one.
std::vector<Job> jobs_of(const Wish& wish, const DaemonRun& model) {
  std::vector<Job> jobs;
  for (auto seed = wish.first_seed; seed <= wish.last_seed; ++seed) {
    DaemonRun run = model;
    run.seed = seed;
    if (wish.first_hour) run.scenario = first_hour_of(run.scenario);
    jobs.push_back({run});
    run.scenario = first_hour_of(run.scenario);
    run.start = simulation::Start::with_drift_file;
    jobs.push_back({run});
  }
  return jobs;
}

std::optional<Summary> play(const Wish& wish, const Scenario& scenario, Polling polling, Program program) {
  const std::string& file = program == Program::chronyd ? wish.chronyd : wish.gnomond;
  if (file.empty()) return std::nullopt;
  std::vector<Job> jobs =
      jobs_of(wish, {.program = program, .file = file, .scenario = scenario, .polling = polling});
  work_in_pairs(jobs.size(), [&jobs](std::size_t i) { jobs[i].result = run_daemon(jobs[i].run); });
  std::vector<Runs> runs;
  for (std::size_t i = 0; i < jobs.size(); i += 2) runs.push_back({jobs[i].result, jobs[i + 1].result});
  return summarise(runs);
}

void print_row(const Comparison& c, std::string_view who, const std::optional<Summary>& summary) {
  if (!summary) return;
  std::string line = fmt::format("{:<16}{:>8} {:<8}", c.scenario, word(c.polling), who);
  for (const auto& column : compared) line += absolute_cell(*summary, column);
  fmt::print("{}\n", line);
}

void print_ratios(const Comparison& c) {
  if (!c.ours || !c.theirs) return;
  std::string line = fmt::format("{:<16}{:>8} {:<8}", c.scenario, word(c.polling), "ratio");
  for (const auto& column : compared) line += fmt::format("{:>10}", ratio_cell(column.ratio(c)));
  fmt::print("{}\n", line);
}

Comparison compare(const Wish& wish, const Scenario& scenario, Polling polling) {
  Comparison c{scenario.name, polling};
  c.theirs = play(wish, scenario, polling, Program::chronyd);
  c.ours = play(wish, scenario, polling, Program::gnomond);
  print_row(c, "chronyd", c.theirs);
  print_row(c, "gnomond", c.ours);
  print_ratios(c);
  std::fflush(stdout);
  return c;
}

std::vector<Scenario> wanted_scenarios(const Wish& wish) {
  auto all = simulation::scenarios();
  std::ranges::move(simulation::scenarios_of_daemons(), std::back_inserter(all));
  std::erase_if(all, [&wish](const Scenario& s) { return !wish.wants(s.name); });
  return all;
}

// RMS with its ratio for each polling, then the other ratios of the last polling.
void print_table(const std::vector<Comparison>& all, const Wish& wish) {
  for (const auto& scenario : wanted_scenarios(wish)) {
    std::string line = "| " + scenario.name;
    for (const auto& c : all) {
      if (c.scenario != scenario.name || !c.ours || !c.theirs) continue;
      line += fmt::format(" | {:.2e} | {:.2f}", c.theirs->rms, Column{"", &Summary::rms}.ratio(c));
      if (c.polling != wish.pollings.back()) continue;
      for (const Figure figure : table_ratios) line += fmt::format(" | {:.2f}", Column{"", figure}.ratio(c));
    }
    fmt::print("{} |\n", line);
  }
}

bool take_option(Wish& wish, std::string_view option, std::string_view value) {
  if (option == "--chronyd") {
    wish.chronyd = value;
  } else if (option == "--gnomond") {
    wish.gnomond = value;
  } else if (option == "--table") {
    wish.table = value == "yes";
  } else if (option == "--first-hour") {
    wish.first_hour = value == "yes";
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
                   "peers [--seeds FIRST-LAST] [--poll 4|6|10|default] [--chronyd FILE] [--gnomond FILE] "
                   "[--table yes] [--first-hour yes] [SCENARIO...]"))
    return 2;
  std::string headings = fmt::format("{:<16}{:>8} {:<8}", "scenario", "poll", "daemon");
  for (const auto& column : compared) headings += fmt::format("{:>10}", column.heading);
  fmt::print("seeds {}-{}, geometric means\n{}\n", wish.first_seed, wish.last_seed, headings);
  std::vector<Comparison> all;
  for (const Polling polling : wish.pollings) {
    for (const auto& scenario : wanted_scenarios(wish)) all.push_back(compare(wish, scenario, polling));
    print_means(all, polling, compared);
  }
  if (wish.table) print_table(all, wish);
  return 0;
}

}  // namespace

}  // namespace gnomon::bench

int main(int argc, char** argv) {
  return gnomon::bench::run({argv + 1, argv + argc});
}
