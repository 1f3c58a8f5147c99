// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/joint_estimator.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gnomon::engine {

namespace {

// While there are so few samples all of them are judged anew with each further one, as the shortest round
// trip is only just becoming known.
constexpr std::uint32_t few = 24;
// Standard deviation of what makes the two ways unlike, as a share of the shortest round trip.
constexpr double usual_asymmetry = 0.02;
// Of a change of route, which may have changed one way only.
constexpr double asymmetry_of_change = 0.3;
constexpr double usual_frequency = 30e-6;  // s/s, standard deviation
constexpr double nearly = 0.15;
constexpr double surprising = 8;  // standard deviations
constexpr int surprises_believed = 3;
constexpr double jump_of_frequency = 1e-6;

// What of a round trip's excess may still be on either way once the known part is accounted for.
Excess symmetric_rest(const Excess& excess, double asymmetry) {
  constexpr double least_scale = 1e-7;  // s
  const double rest = 1 - 2 * std::fabs(asymmetry);
  return {excess.over * rest, std::max(excess.scale * rest, least_scale), excess.hidden};
}

}  // namespace

JointEstimator::JointEstimator(double frequency, double frequency_deviation, base::Seconds precision)
    : first_frequency_(frequency),
      frequency_deviation_(frequency_deviation),
      precision_(std::max(precision, base::Seconds{1e-9})),
      bank_(frequency, frequency_deviation) {}

void JointEstimator::watch(base::SourceId source, std::size_t longest_history, base::Seconds shortest,
                           std::optional<double> asymmetry) {
  forget(source);
  Track& track = tracks_[source];
  track.longest_history = std::max<std::size_t>(longest_history, 1);
  track.floor.fix(shortest.count());
  track.asymmetry = asymmetry;
}

void JointEstimator::add(base::SourceId source, const Observation& observation) {
  Track& track = tracks_[source];
  // Time that does not advance tells nothing of the frequency.
  if (!track.history.empty() && observation.at <= track.history.back().at) return;
  track.moved += track.floor.add(observation.delay.count());
  track.history.push_back(observation);
  if (track.history.size() > track.longest_history) track.history.pop_front();
  track.fresh.push_back(observation);
}

void JointEstimator::add_history(base::SourceId source, const std::vector<Observation>& observations) {
  for (const auto& observation : observations) add(source, observation);
  tracks_[source].from_history = true;
}

void JointEstimator::drop_samples(base::SourceId source) {
  const auto found = tracks_.find(source);
  if (found == tracks_.end()) return;
  const Track old = std::exchange(found->second, {});
  found->second.longest_history = old.longest_history;
  found->second.asymmetry = old.asymmetry;
  found->second.floor.fix(old.floor.fixed());
  if (old.takes_part) restart();
}

void JointEstimator::forget(base::SourceId source) {
  const auto found = tracks_.find(source);
  if (found == tracks_.end()) return;
  const bool steered = found->second.takes_part;
  tracks_.erase(found);
  if (steered) restart();
}

void JointEstimator::lose_offset(base::Seconds jump) {
  constexpr double at_least = 0.1;  // s
  const double deviation = std::max(std::fabs(jump.count()), at_least);
  bank_.widen(ClockFilter::offset, deviation * deviation);
  for (auto& [id, track] : tracks_) {
    track.history.clear();
    track.fresh.clear();
    track.innovations.clear();
  }
}

// From the samples still remembered of everyone who took part. A clock far faster or slower than clocks are
// is possible, but the samples must make it the better explanation.
void JointEstimator::restart() {
  constexpr double far_more_likely = 7;
  replay(std::min(frequency_deviation_, usual_frequency));
  if (frequency_deviation_ <= usual_frequency) return;
  const FilterBank usual = bank_;
  replay(frequency_deviation_);
  if (bank_.evidence() < usual.evidence() + far_more_likely) bank_ = usual;
}

void JointEstimator::replay(double frequency_deviation) {
  bank_ = FilterBank(first_frequency_, frequency_deviation);
  at_.reset();
  taken_ = 0;
  surprises_ = 0;
  std::vector<Entry> entries;
  for (auto& [id, track] : tracks_) {
    if (!track.takes_part) continue;
    track.bias = 0;
    track.fresh.clear();
    track.innovations.clear();
    track.moved = track.route_bias = 0;
    for (const auto& observation : track.history) entries.push_back({&track, observation});
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& x, const Entry& y) { return x.observation.at < y.observation.at; });
  for (const auto& entry : entries) take(*entry.track, entry.observation);
}

void JointEstimator::follow_time(LocalTime at) {
  if (at_ && at > *at_) bank_.predict(base::to_seconds(at - *at_).count());
  at_ = std::max(at, at_.value_or(at));
}

// A measurement older than what is in the filters already, as an interleaved source among others gives them:
// by how much the offset has moved on since, and how well that is known.
JointEstimator::Late JointEstimator::lateness(LocalTime at) const {
  if (!at_ || at >= *at_) return {};
  const double seconds = base::to_seconds(*at_ - at).count();
  const BankEstimate e = bank_.estimate();
  const double variance = seconds * seconds * (e.frequency_variance + bank_.wander() * seconds / 3);
  return {seconds * e.frequency, std::sqrt(std::max(variance, 0.0))};
}

// Measurements that no filter of the bank explains, time and again: the clock has been moved behind our back.
void JointEstimator::notice_surprise(double innovation, double variance, const Excess& excess) {
  const double usual = std::sqrt(variance) + excess.over + excess.hidden + excess.scale;
  const bool same_way = surprises_ == 0 || (surprises_ > 0) == (innovation > 0);
  if (std::fabs(innovation) < surprising * usual || !same_way) {
    surprises_ = 0;
    return;
  }
  surprises_ += innovation > 0 ? 1 : -1;
  if (std::abs(surprises_) < surprises_believed) return;
  surprises_ = 0;
  bank_.widen(ClockFilter::offset, innovation * innovation);
  bank_.widen(ClockFilter::frequency, jump_of_frequency * jump_of_frequency);
}

// A route that is longer by so much is so both ways, or one way, and then the measurements have moved by half
// of it: what they say tells which. By how much later measurements of this source have moved, s.
double JointEstimator::change_route(Track& track) {
  const double moved = std::fabs(std::exchange(track.moved, 0.0));
  std::vector<double> recent(track.innovations.begin(), track.innovations.end());
  // A shorter round trip is believed at once, a longer one only when there have been enough.
  const bool longer = track.floor.count() > 1;
  while (recent.size() > track.floor.count()) recent.erase(recent.begin());
  const auto middle = recent.begin() + static_cast<std::ptrdiff_t>(recent.size() / 2);
  if (longer) std::nth_element(recent.begin(), middle, recent.end());
  const double seen = longer ? *middle : recent.back();
  track.innovations.clear();
  for (const double shift : {0.0, moved / 2, -moved / 2}) {
    if (std::fabs(seen - shift) > nearly * moved) continue;
    track.route_bias += shift;
    if (std::fabs(track.route_bias) < nearly * moved) track.route_bias = 0;  // the former route again
    // To have hit that by chance would be odd, were it not just that.
    const bool exactly = std::fabs(seen - shift) < track.floor.scale();
    bank_.widen(track.bias, std::pow(exactly ? track.floor.scale() / 8 : usual_asymmetry * moved, 2));
    return shift;
  }
  bank_.widen(track.bias, std::pow(asymmetry_of_change * moved, 2));
  return 0;
}

// Most sources agree and one does not: then its bias is not of the usual size, and the others need not share
// it.
void JointEstimator::doubt(Track& track) {
  constexpr std::size_t most_of = 3;
  constexpr double doubtful = 5;
  std::vector<double> biases;
  for (const auto& [id, other] : tracks_)
    if (other.bias != 0) biases.push_back(bank_.bias(other.bias));
  if (biases.size() < most_of) return;
  const auto middle = biases.begin() + static_cast<std::ptrdiff_t>(biases.size() / 2);
  std::nth_element(biases.begin(), middle, biases.end());
  const double away = bank_.bias(track.bias) - *middle;
  if (std::fabs(away) < doubtful * track.bias_deviation) return;
  track.doubted = track.bias_deviation = std::fabs(away);
  doubting_ = true;
}

void JointEstimator::take(Track& track, const Observation& observation) {
  if (!at_) {
    // Nobody's measurement is worse than its round trip.
    anchor_ = observation.theta;
    bank_.widen(ClockFilter::offset, std::pow(observation.delay.count(), 2));
  }
  if (track.bias == 0) {
    std::size_t state = ClockFilter::first_bias;
    for (const auto& [id, other] : tracks_) state += other.bias != 0 ? 1U : 0U;
    track.bias = state;
    track.bias_deviation = std::max(usual_asymmetry * track.floor.floor(), track.doubted);
    bank_.add_bias(track.bias_deviation);
  }
  follow_time(observation.at);
  const Late late = lateness(observation.at);
  Excess excess = track.floor.excess(observation.delay.count());
  const double asymmetric = track.asymmetry.value_or(0) * excess.over;
  const double measured =
      base::to_seconds(observation.theta - anchor_).count() - track.route_bias + asymmetric + late.progress;
  if (track.asymmetry) excess = symmetric_rest(excess, *track.asymmetry);
  const double innovation = measured - bank_.estimate().offset - bank_.bias(track.bias);
  track.innovations.push_back(innovation);
  if (track.innovations.size() > DelayFloor::enough) track.innovations.pop_front();
  const double shift = track.moved != 0 ? change_route(track) : 0;
  if (taken_ > few) notice_surprise(innovation - shift, bank_.measured_variance(track.bias), excess);
  bank_.update(measured - shift, track.bias, excess,
               std::hypot(precision_.count(), 0.3 * observation.dispersion.count(), late.deviation));
  ++taken_;
  doubt(track);
}

void JointEstimator::follow(const std::vector<base::SourceId>& steering,
                            const std::vector<base::SourceId>& wrong) {
  bool again = taken_ < few;
  for (const auto id : wrong) {
    const auto found = tracks_.find(id);
    if (found == tracks_.end() || !found->second.takes_part) continue;
    found->second.takes_part = false;
    found->second.bias = 0;
    again = true;
  }
  std::vector<Track*> news;
  for (const auto id : steering) {
    const auto found = tracks_.find(id);
    if (found == tracks_.end() || found->second.fresh.empty()) continue;
    found->second.takes_part = true;
    again = again || found->second.from_history;
    news.push_back(&found->second);
  }
  if (again && !news.empty()) {
    restart();
  } else {
    for (Track* track : news)
      for (const auto& observation : std::exchange(track->fresh, {})) take(*track, observation);
  }
  // What has been shared among the sources already cannot be taken back otherwise.
  constexpr int rounds = 4;
  for (int i = 0; i < rounds && std::exchange(doubting_, false); ++i) restart();
  for (auto& [id, track] : tracks_) {
    track.fresh.clear();
    track.from_history = false;
  }
}

std::optional<JointEstimate> JointEstimator::estimate(LocalTime at, base::SourceId leader) const {
  const auto found = tracks_.find(leader);
  if (!at_ || found == tracks_.end() || found->second.bias == 0) return std::nullopt;
  const double seconds = std::max(base::to_seconds(at - *at_).count(), 0.0);
  const BankEstimate e = bank_.estimate(seconds);
  JointEstimate joint;
  joint.theta = anchor_ + base::to_duration(base::Seconds{e.offset});
  joint.frequency = e.frequency;
  joint.frequency_error = std::sqrt(e.frequency_variance);
  // What the sources have in common by their biases cannot be corrected and says nothing of how good a
  // correction is.
  const double growth = e.offset_variance - bank_.estimate().offset_variance;
  const double measured = bank_.measured_variance(found->second.bias) + growth;
  joint.error = base::Seconds{std::sqrt(std::max(std::min(measured, e.offset_variance), 0.0))};
  return joint;
}

base::Seconds JointEstimator::noise(base::SourceId source) const {
  const auto found = tracks_.find(source);
  return base::Seconds{found == tracks_.end() ? 0 : 0.3 * found->second.floor.scale()};
}

}  // namespace gnomon::engine
