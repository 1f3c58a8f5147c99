// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/summary.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tests/bench/choice.hpp"

namespace gnomon::bench {

namespace {

using simulation::Result;

class GeometricMean {
 public:
  void add(double value) {
    if (value == 0) return;  // not known
    sum_ += std::log(std::max(value, 1e-12));
    ++count_;
  }
  [[nodiscard]] double value() const { return count_ == 0 ? 0 : std::exp(sum_ / count_); }
  [[nodiscard]] int count() const { return count_; }

 private:
  double sum_ = 0;
  int count_ = 0;
};

// `run`: which of the two of each seed.
template <class Of>
double mean(std::span<const Runs> runs, std::optional<Result> Runs::* run, Of of) {
  GeometricMean mean;
  for (const auto& r : runs)
    if (r.*run) mean.add(static_cast<double>(of(*(r.*run))));
  return mean.value();
}

}  // namespace

simulation::Scenario first_hour_of(simulation::Scenario scenario) {
  scenario.until = 5000;
  scenario.settle = scenario.until + 1;  // nothing is settled then
  return scenario;
}

std::optional<Summary> summarise(std::span<const Runs> runs) {
  if (std::ranges::none_of(runs, [](const Runs& r) { return r.cold.has_value(); })) return std::nullopt;
  const auto minutes = [](const Result& r) { return r.rms_first_minutes; };
  const auto hour = [](const Result& r) { return r.rms_first_hour; };
  Summary s;
  s.rms = mean(runs, &Runs::cold, [](const Result& r) { return r.rms; });
  s.max = mean(runs, &Runs::cold, [](const Result& r) { return r.max; });
  s.rms_frequency = mean(runs, &Runs::cold, [](const Result& r) { return r.rms_frequency; });
  s.convergence =
      mean(runs, &Runs::cold, [](const Result& r) { return r.rms > 0 ? std::max(r.convergence, 1.0) : 0; });
  s.packets = mean(runs, &Runs::cold, [](const Result& r) { return r.packets; });
  s.cold_minutes = mean(runs, &Runs::cold, minutes);
  s.cold_hour = mean(runs, &Runs::cold, hour);
  s.warm_minutes = mean(runs, &Runs::warm, minutes);
  s.warm_hour = mean(runs, &Runs::warm, hour);
  return s;
}

Summary chronys(const simulation::Scenario& scenario, simulation::Polling polling) {
  const simulation::Baseline& known = scenario.chrony;
  Summary s;
  if (polling == simulation::Polling::every_64_s) {
    s.rms = known.rms_poll6;
  } else if (polling == simulation::Polling::every_1024_s) {
    s.rms = known.rms_poll10;
  } else if (polling == simulation::Polling::by_default) {
    s.rms = known.rms;
    s.max = known.max;
    s.rms_frequency = known.rms_frequency;
    s.convergence = known.convergence;
    s.packets = known.packets;
  }
  const simulation::StartBaseline start = simulation::start_baseline(scenario.name, polling);
  s.cold_minutes = start.cold_minutes;
  s.cold_hour = start.cold_hour;
  s.warm_minutes = start.warm_minutes;
  s.warm_hour = start.warm_hour;
  return s;
}

double Column::ratio(const Comparison& comparison) const {
  const auto& other = comparison.*against;
  if (!comparison.ours || !other || !(*other.*figure > 0)) return 0;
  return *comparison.ours.*figure / *other.*figure;
}

void print_means(std::span<const Comparison> all, simulation::Polling polling,
                 std::span<const Column> columns) {
  std::string means = fmt::format("{:<16}{:>8}", "geometric mean", word(polling));
  std::string worst = fmt::format("{:<16}{:>8}", "worst", word(polling));
  std::string names = fmt::format("{:<16}{:>8}", "worst of", word(polling));
  for (const auto& column : columns) {
    GeometricMean mean;
    double most = 0;
    std::string most_of = "-";
    for (const auto& c : all) {
      const double ratio = c.polling == polling ? column.ratio(c) : 0;
      if (ratio > 0) mean.add(ratio);
      if (ratio > most) most_of = c.scenario;
      most = std::max(most, ratio);
    }
    means += fmt::format("{:>16}", ratio_cell(mean.value()));
    worst += fmt::format("{:>16}", ratio_cell(most));
    names += fmt::format("{:>16}", most_of);
  }
  fmt::print("{}\n{}\n{}\n\n", means, worst, names);
}

std::string absolute_cell(const Summary& summary, const Column& column) {
  const double value = summary.*column.figure;
  if (value == 0) return fmt::format("{:>10}", "-");
  if (column.figure == &Summary::convergence || column.figure == &Summary::packets)
    return fmt::format("{:10.0f}", value);
  return fmt::format("{:10.2e}", value);
}

std::string ratio_cell(double ratio) {
  return ratio > 0 ? fmt::format("{:6.2f}", ratio) : "     -";
}

}  // namespace gnomon::bench
