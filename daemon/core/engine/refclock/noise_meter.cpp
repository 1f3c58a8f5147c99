// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/refclock/noise_meter.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace gnomon::engine {

namespace {

constexpr std::size_t most_bends = 32;
constexpr double median_of_normal = 0.6745;  // of |x|, in standard deviations

}  // namespace

void NoiseMeter::add(const FilteredReading& sample) {
  last_.push_back(sample);
  if (last_.size() < 3) return;
  const double whole = base::to_seconds(last_[2].at - last_[0].at).count();
  const double part = base::to_seconds(last_[1].at - last_[0].at).count();
  if (part > 0 && whole > part) {
    const double share = part / whole;
    const double line = share * base::to_seconds(last_[2].theta - last_[0].theta).count();
    const double off = base::to_seconds(last_[1].theta - last_[0].theta).count() - line;
    bends_.push_back(std::fabs(off) / std::sqrt(1 + share * share + (1 - share) * (1 - share)));
    if (bends_.size() > most_bends) bends_.pop_front();
  }
  last_.pop_front();
}

void NoiseMeter::clear() {
  last_.clear();
  bends_.clear();
}

std::optional<base::Seconds> NoiseMeter::deviation() const {
  if (bends_.empty()) return std::nullopt;
  std::vector<double> sorted{bends_.begin(), bends_.end()};
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return base::Seconds{*middle / median_of_normal};
}

}  // namespace gnomon::engine
