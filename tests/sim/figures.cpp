// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/figures.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gnomon::simulation {

namespace {

// Of the errors after the first `from` seconds, up to `until`.
double rms_between(const std::vector<float>& errors, std::size_t from, std::size_t until) {
  const std::size_t end = std::min(errors.size(), until);
  double squares = 0;
  for (std::size_t i = from; i < end; ++i)
    squares += static_cast<double>(errors[i]) * static_cast<double>(errors[i]);
  return end > from ? std::sqrt(squares / static_cast<double>(end - from)) : 0;
}

}  // namespace

void Figures::add(double error, double rate_error) {
  result_.errors.push_back(static_cast<float>(error));
  if (static_cast<double>(result_.errors.size()) < settle_) return;
  squares_ += error * error;
  rate_squares_ += rate_error * rate_error;
  result_.max = std::max(result_.max, std::fabs(error));
  count_ += 1;
}

Result Figures::result(std::uint64_t packets) && {
  result_.rms = std::sqrt(squares_ / std::max(count_, 1.0));
  result_.rms_frequency = std::sqrt(rate_squares_ / std::max(count_, 1.0));
  result_.packets = packets;
  const auto& errors = result_.errors;
  result_.rms_first_minutes = rms_between(errors, 60, 1000);
  result_.rms_first_hour = rms_between(errors, 1000, 5000);
  for (std::size_t i = errors.size(); i > 0 && result_.convergence == 0; --i)
    if (std::fabs(errors[i - 1]) > 10 * result_.rms) result_.convergence = static_cast<double>(i);
  return std::move(result_);
}

}  // namespace gnomon::simulation
