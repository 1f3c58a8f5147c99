// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/filter_bank.hpp"

#include <algorithm>
#include <cmath>

namespace gnomon::engine {

namespace {

constexpr double slowest_wander = 1e-20;  // s^2/s^3; each further filter ten times more
// Of the weights' logarithms from one measurement to the next: how the clock behaves changes, the network's
// nature less so.
constexpr double memory_of_wander = 0.97;
constexpr double memory_of_noise = 0.99;
constexpr double least_weight = 1e-4;
// Below that a filter has lost the truth and takes the state of the best one.
constexpr double lost_weight = 2e-4;

constexpr double wander_of(std::size_t i) {
  double wander = slowest_wander;
  for (; i > 0; --i) wander *= 10;
  return wander;
}

// Noise models other than the first few are for networks that are not what they mostly are.
// The clock of a computer wanders by 1e-18 or so; far more must be seen to be believed.
double wander_prior(std::size_t i) {
  constexpr std::array<double, 8> prior{0.08, 0.15, 0.25, 0.2, 0.15, 0.09, 0.05, 0.03};
  return prior[i];
}

double prior_of(std::size_t model) {
  return model < 2 ? 1.0 : 0.1;
}

}  // namespace

FilterBank::FilterBank(double first_frequency, double frequency_deviation) {
  double sum = 0;
  for (std::size_t m = 0; m < noise_models; ++m) sum += prior_of(m);
  for (std::size_t m = 0; m < noise_models; ++m) {
    Family family{{}, prior_of(m) / sum};
    for (std::size_t i = 0; i < wanders; ++i)
      family.members.push_back({ClockFilter(first_frequency, frequency_deviation), wander_prior(i)});
    families_.push_back(std::move(family));
  }
}

void FilterBank::add_bias(double deviation) {
  for (auto& family : families_)
    for (auto& member : family.members) member.filter.add_bias(deviation);
}

void FilterBank::renew_bias(std::size_t state, double deviation) {
  for (auto& family : families_)
    for (auto& member : family.members) member.filter.renew_bias(state, deviation);
}

void FilterBank::remove_bias(std::size_t state) {
  for (auto& family : families_)
    for (auto& member : family.members) member.filter.remove_bias(state);
}

bool FilterBank::is_whole(std::size_t biases) const {
  const auto fits = [biases](const Member& member) { return member.filter.biases() == biases; };
  return biases <= most_biases && families_.size() == noise_models &&
         std::ranges::all_of(families_, [&](const Family& family) {
           return family.members.size() == wanders && std::ranges::all_of(family.members, fits);
         });
}

void FilterBank::predict(double seconds) {
  for (auto& family : families_)
    for (std::size_t i = 0; i < wanders; ++i) family.members[i].filter.predict(seconds, wander_of(i));
}

void FilterBank::widen(std::size_t state, double variance) {
  for (auto& family : families_)
    for (auto& member : family.members) member.filter.widen(state, variance);
}

void FilterBank::move(std::size_t state, double by) {
  for (auto& family : families_)
    for (auto& member : family.members) member.filter.move(state, by);
}

// Bayes' rule with forgetting; the family's own weight takes the likelihood of all its members together.
void FilterBank::reweigh(Family& family, const std::array<double, wanders>& log_likelihoods) {
  const double most = *std::max_element(log_likelihoods.begin(), log_likelihoods.end());
  double old_sum = 0;
  double sum = 0;
  for (std::size_t i = 0; i < wanders; ++i) {
    Member& m = family.members[i];
    m.weight = std::pow(m.weight, memory_of_wander) * std::pow(wander_prior(i), 1 - memory_of_wander);
    old_sum += m.weight;
    m.weight *= std::exp(log_likelihoods[i] - most);
    sum += m.weight;
  }
  family.weight = memory_of_noise * std::log(family.weight) + most + std::log(sum / old_sum);
  for (auto& m : family.members) m.weight = std::max(m.weight / sum, least_weight);
}

void FilterBank::update(double measured, std::size_t bias, const Excess& excess, double precision) {
  double most = -1e300;
  for (std::size_t f = 0; f < families_.size(); ++f) {
    Family& family = families_[f];
    const Noise noise = noise_of(excess, f, precision);
    std::array<double, wanders> log_likelihoods{};
    for (std::size_t i = 0; i < wanders; ++i)
      log_likelihoods[i] = family.members[i].filter.update(measured, bias, noise);
    reweigh(family, log_likelihoods);  // leaves the logarithm of the family's weight
    most = std::max(most, family.weight);
    const auto best = std::max_element(family.members.begin(), family.members.end(),
                                       [](const Member& a, const Member& b) { return a.weight < b.weight; });
    for (auto& m : family.members)
      if (m.weight < lost_weight) m.filter = best->filter;
  }
  double sum = 0;
  for (auto& family : families_) sum += family.weight = std::exp(family.weight - most);
  evidence_ += most + std::log(sum);
  for (auto& family : families_) family.weight = std::max(family.weight / sum, least_weight);
  // A noise model that has lost the truth: however little it weighs, by and by it would be so far off that it
  // makes the average look uncertain.
  const auto best = std::ranges::max_element(families_, {}, &Family::weight);
  for (auto& family : families_) {
    if (family.weight >= lost_weight) continue;
    for (std::size_t i = 0; i < wanders; ++i) family.members[i].filter = best->members[i].filter;
  }
}

template <class Function>
double FilterBank::average(Function&& function) const {
  double sum = 0;
  double weights = 0;
  for (const auto& family : families_) {
    for (std::size_t i = 0; i < wanders; ++i) {
      const double weight = family.weight * family.members[i].weight;
      sum += weight * function(family.members[i].filter, i);
      weights += weight;
    }
  }
  return sum / weights;
}

BankEstimate FilterBank::estimate(double seconds) const {
  BankEstimate e;
  const auto ahead = [seconds](const ClockFilter& f) {
    return f.value(ClockFilter::offset) + seconds * f.value(ClockFilter::frequency);
  };
  const auto square = [](double x) { return x * x; };
  constexpr auto frequency = ClockFilter::frequency;
  e.offset = average([&ahead](const ClockFilter& f, std::size_t) { return ahead(f); });
  e.frequency = average([](const ClockFilter& f, std::size_t) { return f.value(frequency); });
  e.offset_variance = average([&](const ClockFilter& f, std::size_t i) {
    return f.variance(ClockFilter::offset) + f.growth(seconds, wander_of(i)) + square(ahead(f) - e.offset);
  });
  e.frequency_variance = average([&](const ClockFilter& f, std::size_t) {
    return f.variance(frequency) + square(f.value(frequency) - e.frequency);
  });
  return e;
}

double FilterBank::one_sided(const Excess& excess, double precision) const {
  double share = 0;
  double all = 0;
  for (std::size_t model = 0; model < families_.size(); ++model) {
    const double weight = families_[model].weight;
    if (noise_of(excess, model, precision).tilt != 0) share += weight;
    all += weight;
  }
  return share / all;
}

double FilterBank::wander() const {
  const double decades = average([](const ClockFilter&, std::size_t i) { return static_cast<double>(i); });
  return slowest_wander * std::pow(10.0, decades);
}

ClockFilter::States FilterBank::states() const {
  ClockFilter::States states{};
  double weights = 0;
  for (const auto& family : families_) {
    for (const auto& member : family.members) {
      const double weight = family.weight * member.weight;
      for (std::size_t i = 0; i < states.size(); ++i) states[i] += weight * member.filter.value(i);
      weights += weight;
    }
  }
  for (double& state : states) state /= weights;
  return states;
}

double FilterBank::measured_variance(std::size_t bias) const {
  const double mean =
      average([bias](const ClockFilter& f, std::size_t) { return f.value(0) + f.value(bias); });
  return average([bias, mean](const ClockFilter& f, std::size_t) {
    const double away = f.value(0) + f.value(bias) - mean;
    return f.measured_variance(bias) + away * away;
  });
}

}  // namespace gnomon::engine
