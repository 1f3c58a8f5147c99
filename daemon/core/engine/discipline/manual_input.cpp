// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/manual_input.hpp"

#include <chrono>

#include "daemon/core/engine/estimation/regression.hpp"

namespace gnomon::engine {

namespace {

// Nobody types a time more accurately.
constexpr base::Seconds by_hand{0.5};

}  // namespace

ManualInput::Result ManualInput::ready() const {
  if (accepts_) return {};
  return std::unexpected(Refusal{
      RefusalKind::not_enabled,
      "Entering the time by hand is disabled: add `manual` to the configuration, or run `gnomonctl manual "
      "on`."});
}

ManualInput::Result ManualInput::add(const Entry& entry) {
  using namespace std::chrono_literals;
  if (!entries_.empty() && entry.at - entries_.back().at < 1s)
    return std::unexpected(
        "The previous entry was made less than a second ago: wait a moment and try again.");
  entries_.push_back(entry);
  if (entries_.size() > most_entries) entries_.pop_front();
  return {};
}

ManualInput::Result ManualInput::apply(const AcceptManual& command) {
  accepts_ = command.accept;
  return {};
}

ManualInput::Result ManualInput::apply(const ForgetManual&) {
  clear();
  return {};
}

ManualInput::Result ManualInput::apply(const DeleteManual& command) {
  if (command.index >= entries_.size())
    return std::unexpected(Refusal{RefusalKind::no_such_entry,
                                   "There is no entry with that number; see `gnomonctl manual list`."});
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(command.index));
  return {};
}

// Through two entries, as chronyd has it: whoever enters a second time wants the frequency corrected as well.
Estimate ManualInput::line_through_both() const {
  const Entry& first = entries_.front();
  const Entry& last = entries_.back();
  const double span = base::to_seconds(last.at - first.at).count();
  return {.at = last.at,
          .theta = last.theta,
          .frequency = base::to_seconds(last.theta - first.theta).count() / span,
          .skew = by_hand.count() / span,
          .deviation = by_hand,
          .error = by_hand,
          .samples = 2,
          .span = last.at - first.at,
          .has_frequency = true};
}

std::optional<Estimate> ManualInput::estimate() const {
  if (entries_.size() == 2) return line_through_both();
  Regression line({.min_samples = 3, .max_samples = most_entries, .precision = by_hand});
  for (const auto& entry : entries_) line.add({entry.at, entry.theta, by_hand, by_hand});
  return line.estimate();
}

std::optional<Combined> ManualInput::combined(LocalTime now, double frequency_otherwise) const {
  const auto line = estimate();
  if (!line) return std::nullopt;
  const double frequency = line->has_frequency ? line->frequency : frequency_otherwise;
  Combined combined;
  combined.at = now;
  combined.theta = line->theta_at(now, frequency_otherwise);
  combined.frequency = frequency;
  combined.skew = line->skew;
  combined.has_frequency = line->has_frequency;
  combined.error = by_hand;
  return combined;
}

std::vector<ManualEntry> ManualInput::list(const Discipline& discipline, const Timescale& timescale) const {
  std::vector<ManualEntry> list;
  const auto line = estimate();
  if (!line) return list;
  for (const Entry& entry : entries_) {
    const auto slewed = discipline.reference_theta(entry.at, timescale) - entry.theta;
    list.push_back({entry.time, base::to_seconds(slewed), entry.original,
                    base::to_seconds(line->theta_at(entry.at) - entry.theta)});
  }
  return list;
}

}  // namespace gnomon::engine
