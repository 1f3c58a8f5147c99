// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/manual_input.hpp"

namespace gnomon::engine {

namespace {

// A hand that types a time is not exacter.
constexpr base::Seconds by_hand{0.5};

}  // namespace

void ManualInput::add(const Entry& entry) {
  entries_.push_back(entry);
  if (entries_.size() > most_entries) entries_.pop_front();
}

bool ManualInput::erase(std::size_t index) {
  if (index >= entries_.size()) return false;
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(index));
  return true;
}

std::optional<Estimate> ManualInput::estimate() const {
  const auto line = make_regression({.min_samples = 3, .max_samples = most_entries, .precision = by_hand});
  for (const auto& entry : entries_) line->add({entry.at, entry.theta, by_hand, by_hand});
  return line->estimate();
}

std::optional<Combined> ManualInput::combined(LocalTime now, double frequency_otherwise) const {
  const auto line = estimate();
  if (!line) return std::nullopt;
  const double frequency = line->has_frequency ? line->frequency : frequency_otherwise;
  Combined combined;
  combined.at = now;
  combined.theta = line->theta + base::to_duration(base::to_seconds(now - line->at) * frequency);
  combined.frequency = frequency;
  combined.skew = line->skew;
  combined.has_frequency = line->has_frequency;
  combined.error = by_hand;
  return combined;
}

}  // namespace gnomon::engine
