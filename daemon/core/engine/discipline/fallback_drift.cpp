// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/fallback_drift.hpp"

#include <algorithm>
#include <cmath>

namespace gnomon::engine {

FallbackDrift::FallbackDrift(const std::optional<config::FallbackSpans>& spans) {
  if (!spans) return;
  constexpr int least = 1;
  constexpr int most = 30;
  for (int i = std::max<int>(spans->shortest.value, least); i <= std::min<int>(spans->longest.value, most);
       ++i)
    averages_.push_back({.span = std::ldexp(1.0, i)});
}

void FallbackDrift::learn(double frequency, base::Seconds interval) {
  in_use_ = 0;
  const double seconds = std::max(interval.count(), 0.0);
  for (auto& average : averages_) {
    // The plain mean at first, so that the beginning does not weigh for ever.
    const double whole = average.seen + seconds;
    const double weight = average.seen < average.span ? (whole > 0 ? seconds / whole : 0)
                                                      : 1 - std::exp(-seconds / average.span);
    average.frequency += weight * (frequency - average.frequency);
    average.seen = std::min(whole, average.span);
  }
}

std::optional<double> FallbackDrift::fall_back(base::Seconds since_update) {
  const Average* chosen = nullptr;
  for (const auto& average : averages_)
    if (average.seen >= average.span && since_update.count() >= average.span) chosen = &average;
  if (chosen == nullptr || chosen->span <= in_use_) return std::nullopt;
  in_use_ = chosen->span;
  return chosen->frequency;
}

}  // namespace gnomon::engine
