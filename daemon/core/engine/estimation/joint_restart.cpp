// SPDX-License-Identifier: GPL-2.0-or-later
// Joint estimator: all samples weighed again, and which of the first ones is not to be believed.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "daemon/core/engine/estimation/joint_estimator.hpp"

namespace gnomon::engine {

namespace {

constexpr double usual_frequency = 30e-6;  // s/s, standard deviation
constexpr double far_more_likely = 7;      // of two logarithms of likelihoods
// Which of the first samples may be the one that all others contradict, and how many it takes to forget it.
constexpr std::size_t most_doubted = 4;
constexpr std::uint32_t sure_of_misfit = 8;

}  // namespace

// From the samples still remembered of everyone who steers.
void JointEstimator::restart() {
  restart_due_ = false;
  double best = replay_with_usual(std::nullopt);
  bool measured_anew = false;
  for (const Member& member : members_) measured_anew = measure_again(*member.track) || measured_anew;
  if (measured_anew) best = replay_with_usual(std::nullopt);
  // Of fewer nobody knows which one it is.
  if (taken_ < most_doubted || taken_ > few || !misfits()) return;
  std::optional<std::size_t> without;
  for (std::size_t i = 0; i < most_doubted; ++i) {
    const double evidence = replay_with_usual(i);
    if (evidence > best + far_more_likely) {
      best = evidence;
      without = i;
    }
  }
  replay_with_usual(without);
  if (without && taken_ >= sure_of_misfit) forget_entry(*without);
}

// The first round trips of a peer were not known any better than our clock's frequency was, and looked like
// those of a network with long queues: by what is known of it now they are what they were. Whether any is.
bool JointEstimator::measure_again(Track& track) const {
  const BankEstimate e = bank_.estimate();
  if (!std::isfinite(e.frequency)) return false;
  bool better = false;
  for (Observation& o : track.history) {
    const double ago = base::to_seconds(*at_ - o.at).count();
    const double skew = std::sqrt(e.frequency_variance + bank_.wander() * std::fabs(ago));
    if (!o.apart || !(skew < o.apart->skew)) continue;  // rounding may have made it no number at all
    o.apart->skew = skew;
    o.delay = o.apart->delay(e.frequency) + o.dispersion;
    better = true;
  }
  if (!better) return false;
  const double fixed = track.floor.fixed();
  track.floor = {};
  track.floor.fix(fixed);
  for (const Observation& o : track.history) static_cast<void>(track.floor.add(o.delay.count()));
  return true;
}

// A clock far faster or slower than clocks are, or than a drift file says, is possible, but the samples must
// make it the better explanation.
double JointEstimator::replay_with_usual(std::optional<std::size_t> without) {
  const double likely = std::min(prior_.deviation, usual_frequency);
  double believed = likely;
  replay(likely, without);
  for (const double deviation : {usual_frequency, 200e-6, 5e-3, prior_.largest}) {
    if (deviation <= likely) continue;
    const FilterBank usual = bank_;
    replay(deviation, without);
    if (bank_.evidence() < usual.evidence() + far_more_likely)
      bank_ = usual;
    else
      believed = deviation;
  }
  // Where the samples have moved the frequency that far, the prior still draws it back.
  constexpr double far = 1.5;  // standard deviations
  const double away = std::fabs(bank_.estimate().frequency - prior_.frequency);
  const FilterBank usual = bank_;
  if (away > far * std::max(believed, usual_frequency)) {
    replay(2 * away, without);
    if (bank_.evidence() < usual.evidence() - far_more_likely) bank_ = usual;
  }
  return bank_.evidence() + (without ? evidence_of_misfit(*without) : 0);
}

// By how much a sample of so few that the clock cannot have wandered meanwhile is off the line, s.
double JointEstimator::off_line(const Observation& observation) const {
  const BankEstimate e = bank_.estimate();
  const double ago = base::to_seconds(*at_ - observation.at).count();
  return base::to_seconds(observation.theta - anchor_).count() - e.offset + ago * e.frequency;
}

// Whether any of the first is further from the line than its round trip allows.
bool JointEstimator::misfits() const {
  return std::ranges::any_of(entries(), [this](const Entry& entry) {
    const Observation& o = observation_of(entry);
    return std::fabs(off_line(o)) > o.delay.count() / 2 + o.dispersion.count();
  });
}

// Of a sample that is left out: it is one of the few that are worse than any model knows.
double JointEstimator::evidence_of_misfit(std::size_t left_out) const {
  constexpr double share = 0.01;
  const Observation& o = observation_of(entries()[left_out]);
  const double away = std::max(std::fabs(off_line(o)), o.delay.count());
  return std::log(share / away) - 0.5 - 0.5 * std::log(2 * std::numbers::pi);
}

void JointEstimator::forget_entry(std::size_t index) {
  const Entry entry = entries()[index];
  auto& history = members_[entry.member].track->history;
  history.erase(history.begin() + static_cast<std::ptrdiff_t>(entry.sample));
}

std::vector<JointEstimator::Entry> JointEstimator::entries() const {
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < members_.size(); ++i)
    for (std::size_t k = 0; k < members_[i].track->history.size(); ++k)
      entries.push_back({members_[i].track->history[k].at, i, k});
  std::ranges::sort(entries);
  return entries;
}

const Observation& JointEstimator::observation_of(const Entry& entry) const {
  return members_[entry.member].track->history[entry.sample];
}

}  // namespace gnomon::engine
