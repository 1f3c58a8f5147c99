// SPDX-License-Identifier: GPL-2.0-or-later
// Filters that differ in how much they let the clock wander and in what they hold for the network's noise,
// each trusted as far as it foretold the measurements. Owned by the joint estimator.
#pragma once

#include <array>
#include <cstddef>
#include <tuple>
#include <vector>

#include "daemon/core/engine/estimation/clock_filter.hpp"

namespace gnomon::engine {

struct BankEstimate {
  double offset = 0;  // s
  double frequency = 0;
  double offset_variance = 0;
  double frequency_variance = 0;
};

class FilterBank {
 public:
  FilterBank(double first_frequency, double frequency_deviation);
  // See ClockFilter.
  void add_bias(double deviation);
  void renew_bias(std::size_t state, double deviation);
  void remove_bias(std::size_t state);
  void predict(double seconds);
  void update(double measured, std::size_t bias, const Excess& excess, double precision);
  void widen(std::size_t state, double variance);
  void move(std::size_t state, double by);

  // Whether it is made as every bank is, with so many biases: one that was read from a record may be
  // anything.
  [[nodiscard]] bool is_whole(std::size_t biases) const;
  // Logarithm of the likelihood of all measurements so far.
  [[nodiscard]] double evidence() const { return evidence_; }
  // So long after the last prediction.
  [[nodiscard]] BankEstimate estimate(double seconds = 0) const;
  // s^2/s^3, as the filters' weights have it
  [[nodiscard]] double wander() const;
  // Of all states, as the filters' weights have it.
  [[nodiscard]] ClockFilter::States states() const;
  // How probable it is, as the families' weights have it, that all that makes round trips longer is on one
  // way.
  [[nodiscard]] double one_sided(const Excess& excess, double precision) const;
  // Of offset + bias, over all the filters.
  [[nodiscard]] double measured_variance(std::size_t bias) const;

  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) { return std::tie(self.families_, self.evidence_); }

 private:
  static constexpr std::size_t wanders = 8;
  struct Member {
    ClockFilter filter;
    double weight = 1;  // within its family
    [[nodiscard]] auto state(this auto& self) { return std::tie(self.filter, self.weight); }
  };
  struct Family {  // filters with the same noise model
    std::vector<Member> members;
    double weight = 1;
    [[nodiscard]] auto state(this auto& self) { return std::tie(self.members, self.weight); }
  };
  void reweigh(Family& family, const std::array<double, wanders>& log_likelihoods);
  template <class Function>
  double average(Function&& function) const;

  std::vector<Family> families_;
  double evidence_ = 0;
};

}  // namespace gnomon::engine
