// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/refclock/reading_quality.hpp"

#include <algorithm>
#include <vector>

namespace gnomon::engine {

namespace {

constexpr std::size_t dispersions_kept = 64;
constexpr std::size_t usual_share = 10;  // one of so many is shorter than what is usual
constexpr double dispersion_tolerance = 1.1;
constexpr double reading_resolution = 10e-9;  // s

}  // namespace

bool ReadingQuality::accept(base::Seconds dispersion) {
  last_.push_back(dispersion.count());
  if (last_.size() > dispersions_kept) last_.pop_front();
  std::vector<double> sorted{last_.begin(), last_.end()};
  const auto usual = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / usual_share);
  std::nth_element(sorted.begin(), usual, sorted.end());
  return dispersion.count() <= *usual * dispersion_tolerance + reading_resolution;
}

}  // namespace gnomon::engine
