// SPDX-License-Identifier: GPL-2.0-or-later
// Runs stock chronyd and gnomond-sim, both whole and unmodified, in virtual time through the same scenarios
// with the same seeds, and prints how accurate each keeps the clock.
//   peers [--seeds FIRST-LAST] [--poll 6|10|default] [--chronyd FILE] [--gnomond FILE] [--table yes]
//         [SCENARIO...]
// --table yes: rows of a Markdown table at the end. Neither can reach the machine's clock: they run without
// the right to set it, and their calls end in the preloaded library. An empty FILE leaves that daemon out.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "tests/bench/choice.hpp"
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
};

struct Job {
  DaemonRun run{};
  std::optional<Result> result{};
};

struct Row {  // geometric means
  double rms = 0;
  double max = 0;
  double rms_frequency = 0;
  double convergence = 0;
  double packets = 0;
};

// Of the jobs of one daemon, scenario and polling; nullopt: not one of them gave a record.
std::optional<Row> mean(const std::vector<Job>& jobs) {
  Row sum;
  double count = 0;
  for (const auto& job : jobs) {
    if (!job.result) continue;
    const auto logarithm = [](double figure) { return std::log(std::max(figure, 1e-12)); };
    sum.rms += logarithm(job.result->rms);
    sum.max += logarithm(job.result->max);
    sum.rms_frequency += logarithm(job.result->rms_frequency);
    sum.convergence += logarithm(std::max(job.result->convergence, 1.0));
    sum.packets += logarithm(static_cast<double>(job.result->packets));
    count += 1;
  }
  if (count == 0) return std::nullopt;
  for (double* figure : {&sum.rms, &sum.max, &sum.rms_frequency, &sum.convergence, &sum.packets})
    *figure = std::exp(*figure / count);
  return sum;
}

std::optional<Row> run_row(const Wish& wish, const Scenario& scenario, Polling polling, Program program) {
  const std::string& file = program == Program::chronyd ? wish.chronyd : wish.gnomond;
  if (file.empty()) return std::nullopt;
  std::vector<Job> jobs;
  for (auto seed = wish.first_seed; seed <= wish.last_seed; ++seed)
    jobs.push_back(
        {{.program = program, .file = file, .scenario = scenario, .polling = polling, .seed = seed}});
  work_in_pairs(jobs.size(), [&jobs](std::size_t i) { jobs[i].result = run_daemon(jobs[i].run); });
  return mean(jobs);
}

void print_row(std::string_view name, std::string_view poll, std::string_view who,
               const std::optional<Row>& row) {
  if (!row) return;
  fmt::print("{:<13}{:>8} {:<8}{:9.2e} {:9.2e} {:9.2e} {:7.0f} {:8.0f}\n", name, poll, who, row->rms,
             row->max, row->rms_frequency, row->convergence, row->packets);
}

struct Comparison {
  std::string scenario;
  Polling polling{};
  std::optional<Row> theirs{};
  std::optional<Row> ours{};
  [[nodiscard]] bool complete() const { return theirs && ours; }
};

double ratio(const Comparison& c, double Row::* figure) {
  return *c.ours.*figure / *c.theirs.*figure;
}

Comparison compare(const Wish& wish, const Scenario& scenario, Polling polling) {
  Comparison c{scenario.name, polling};
  c.theirs = run_row(wish, scenario, polling, Program::chronyd);
  c.ours = run_row(wish, scenario, polling, Program::gnomond);
  print_row(c.scenario, word(polling), "chronyd", c.theirs);
  print_row(c.scenario, word(polling), "gnomond", c.ours);
  if (c.complete())
    fmt::print("{:<13}{:>8} {:<8}{:9.2f} {:9.2f} {:9.2f} {:7.2f} {:8.2f}\n", c.scenario, word(polling),
               "ratio", ratio(c, &Row::rms), ratio(c, &Row::max), ratio(c, &Row::rms_frequency),
               ratio(c, &Row::convergence), ratio(c, &Row::packets));
  std::fflush(stdout);
  return c;
}

std::vector<Scenario> wanted_scenarios(const Wish& wish) {
  auto all = simulation::scenarios();
  std::ranges::move(simulation::scenarios_of_daemons(), std::back_inserter(all));
  std::erase_if(all, [&wish](const Scenario& s) { return !wish.wants(s.name); });
  return all;
}

void print_mean(const std::vector<Comparison>& all, Polling polling) {
  double sum = 0;
  int rows = 0;
  for (const auto& c : all) {
    if (c.polling != polling || !c.complete()) continue;
    sum += std::log(ratio(c, &Row::rms));
    ++rows;
  }
  if (rows > 0)
    fmt::print("geometric mean of {} RMS ratios at poll {}: {:.3f}\n\n", rows, word(polling),
               std::exp(sum / rows));
}

// RMS with its ratio for each polling, then the other ratios of the last polling.
void print_table(const std::vector<Comparison>& all, const Wish& wish) {
  for (const auto& scenario : wanted_scenarios(wish)) {
    std::string line = "| " + scenario.name;
    for (const auto& c : all) {
      if (c.scenario != scenario.name || !c.complete()) continue;
      line += fmt::format(" | {:.2e} | {:.2f}", c.theirs->rms, ratio(c, &Row::rms));
      if (c.polling == wish.pollings.back())
        line += fmt::format(" | {:.2f} | {:.2f} | {:.2f}", ratio(c, &Row::max), ratio(c, &Row::rms_frequency),
                            ratio(c, &Row::packets));
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
                   "peers [--seeds FIRST-LAST] [--poll 6|10|default] [--chronyd FILE] [--gnomond FILE] "
                   "[--table yes] [SCENARIO...]"))
    return 2;
  fmt::print("seeds {}-{}, geometric means\n{:<13}{:>8} {:<8}{:>9} {:>9} {:>9} {:>7} {:>8}\n",
             wish.first_seed, wish.last_seed, "scenario", "poll", "daemon", "RMS s", "max s", "RMS freq",
             "conv s", "packets");
  std::vector<Comparison> all;
  for (const Polling polling : wish.pollings) {
    for (const auto& scenario : wanted_scenarios(wish)) all.push_back(compare(wish, scenario, polling));
    print_mean(all, polling);
  }
  if (wish.table) print_table(all, wish);
  return 0;
}

}  // namespace

}  // namespace gnomon::bench

int main(int argc, char** argv) {
  return gnomon::bench::run({argv + 1, argv + argc});
}
