// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/joint_estimator.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace gnomon::engine {

namespace {

// Standard deviation of what makes the two ways unlike, as a share of the shortest round trip.
constexpr double usual_asymmetry = 0.02;
// Of a change of route, which may have changed one way only.
constexpr double asymmetry_of_change = 0.3;
// A restart looks at all samples kept. A source that makes us restart repeatedly must not cost us more than
// the samples themselves do.
constexpr double restarts_earned = 1.0 / 32;  // by a sample
constexpr double most_restarts = 4;
constexpr double nearly = 0.15;
constexpr double surprising = 5;  // standard deviations
constexpr int surprises_believed = 3;
constexpr std::uint32_t noise_known = 8;  // samples, after which a surprise is one
constexpr double jump_of_frequency = 1e-6;
constexpr base::Seconds longest_delay{1000};  // beyond that a sample says nothing

// What of a round trip's excess may still be on either way once the known part is accounted for.
Excess symmetric_rest(const Excess& excess, double asymmetry) {
  constexpr double least_scale = 1e-7;  // s
  const double rest = 1 - 2 * std::fabs(asymmetry);
  return {excess.over * rest, std::max(excess.scale * rest, least_scale), excess.hidden, excess.likeness,
          excess.resolution};
}

// The deviation that goes on top of what is between the edges. A reference clock, whose round trips tell
// nothing, may be finer than our reading of the clock in general: its noise was measured, and the resolution
// is twice the deviation of that.
double take_resolution(Excess& excess, double precision) {
  constexpr double share = 0.4;           // makes the whole deviation, with what is between the edges
  constexpr double of_a_step = 0.29;      // the deviation of what lies anywhere in a step of a clock
  constexpr double tells_nothing = 1e-7;  // s
  const bool finer = excess.resolution > 0 && excess.resolution < precision;
  if (!finer || excess.over > 0 || excess.scale > tells_nothing) return of_a_step * precision;
  excess.scale = excess.hidden = 0;
  return share * excess.resolution;
}

}  // namespace

JointEstimator::JointEstimator(const Prior& prior, base::Seconds precision)
    : prior_(prior),
      precision_(std::max(precision, base::Seconds{1e-9})),
      bank_(prior.frequency, prior.deviation),
      restarts_(most_restarts) {}

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
  if (observation.delay > longest_delay) return;
  const FloorChange change = track.floor.add(observation.delay.count());
  if (change.kind != FloorChange::Kind::none) track.change = change;
  track.history.push_back(observation);
  track.fresh.push_back(observation);
  while (track.history.size() > track.longest_history) track.history.pop_front();
  while (track.fresh.size() > track.longest_history) track.fresh.pop_front();
}

void JointEstimator::add_history(base::SourceId source, const std::vector<Observation>& observations) {
  for (const auto& observation : observations) add(source, observation);
  tracks_[source].from_history = true;
}

void JointEstimator::drop_samples(base::SourceId source) {
  const auto found = tracks_.find(source);
  if (found == tracks_.end()) return;
  if (const auto member = bias_of(source)) leave(*member, true);
  const Track old = std::exchange(found->second, {});
  found->second.longest_history = old.longest_history;
  found->second.asymmetry = old.asymmetry;
  found->second.floor.fix(old.floor.fixed());
}

void JointEstimator::forget(base::SourceId source) {
  if (const auto member = bias_of(source)) leave(*member, false);
  tracks_.erase(source);
}

// As if it had been measured like that: the more the offset depends on this source, the more it moves, and
// what the others say stays as it was.
bool JointEstimator::relink() {
  for (Member& member : members_) {
    const auto track = tracks_.find(member.source);
    if (track == tracks_.end()) return false;
    member.track = &track->second;
  }
  return bank_.is_whole(members_.size());
}

void JointEstimator::move(base::SourceId source, base::Duration by) {
  const auto found = tracks_.find(source);
  if (found == tracks_.end()) return;
  for (auto* const observations : {&found->second.history, &found->second.fresh})
    for (auto& observation : *observations) observation.theta += by;
  const auto member = bias_of(source);
  if (!member || !at_) return;
  const auto weight = [](const Member& m) { return std::pow(m.track->bias_deviation, -2); };
  double sum = 0;
  for (const auto& m : members_) sum += weight(m);
  const double seconds = base::to_seconds(by).count();
  const double shared = seconds * weight(members_[*member]) / sum;
  bank_.move(ClockFilter::offset, shared);
  for (std::size_t i = 0; i < members_.size(); ++i) bank_.move(ClockFilter::first_bias + i, -shared);
  bank_.move(ClockFilter::first_bias + *member, seconds);
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

std::optional<std::size_t> JointEstimator::bias_of(base::SourceId source) const {
  const auto found = std::ranges::find(members_, source, &Member::source);
  if (found == members_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - members_.begin());
}

// take_out: what it said may not count any more, either.
void JointEstimator::leave(std::size_t member, bool take_out) {
  bank_.remove_bias(ClockFilter::first_bias + member);
  members_[member].track->innovations.clear();
  members_[member].track->route_bias = 0;
  members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(member));
  restart_due_ = restart_due_ || take_out;
}

void JointEstimator::replay(double frequency_deviation, std::optional<std::size_t> without) {
  bank_ = FilterBank(prior_.frequency, frequency_deviation);
  at_.reset();
  taken_ = 0;
  surprises_ = 0;
  for (auto& member : members_) {
    Track& track = *member.track;
    track.bias_deviation =
        std::max({usual_asymmetry * track.floor.floor(), track.doubted, precision_.count()});
    bank_.add_bias(track.bias_deviation);
    track.fresh.clear();
    track.innovations.clear();
    track.change = {};
    track.route_bias = 0;
  }
  const auto all = entries();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (i != without) update(all[i].member, observation_of(all[i]));
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

// Measurements that no filter of the bank explains, time and again: the clock has been moved behind our back,
// or the source has, or it is being slewed and moves on from one surprise to the next.
void JointEstimator::notice_surprise(LocalTime at, double innovation, double variance, const Excess& excess) {
  const double usual = std::sqrt(variance) + excess.over + excess.hidden + excess.scale + excess.resolution;
  const bool same_way = surprises_ == 0 || (surprises_ > 0) == (innovation > 0);
  if (std::fabs(innovation) < surprising * usual || !same_way) {
    surprises_ = 0;
    return;
  }
  if (surprises_ == 0) first_surprise_ = {at, innovation};
  surprises_ += innovation > 0 ? 1 : -1;
  if (std::abs(surprises_) < surprises_believed) return;
  surprises_ = 0;
  bank_.widen(ClockFilter::offset, innovation * innovation);
  const double seconds = base::to_seconds(at - first_surprise_.at).count();
  const double slew = seconds > 0 ? (innovation - first_surprise_.innovation) / seconds : 0;
  bank_.widen(ClockFilter::frequency, std::pow(std::max(jump_of_frequency, std::fabs(slew)), 2));
}

// By how much the innovation is to be corrected for what has become of the route.
double JointEstimator::change_route(std::size_t member, double innovation) {
  Track& track = *members_[member].track;
  const FloorChange change = std::exchange(track.change, {});
  const double moved = std::fabs(change.moved);
  double shift = 0;
  if (change.kind == FloorChange::Kind::risen) shift = longer_route(member, moved);
  if (change.kind == FloorChange::Kind::fallen) {
    shift = -std::exchange(track.route_bias, 0.0);
    shorter_route(member, innovation - shift, moved);
  }
  // Nothing that was measured against that floor was as good as it looked.
  if (change.kind == FloorChange::Kind::unfounded) restart_due_ = true;
  track.innovations.clear();
  return shift;
}

// A route that is longer by so much is so both ways, or one way, and then the measurements have moved by half
// of it: what they say tells which. By how much later measurements of this source have moved, s.
double JointEstimator::longer_route(std::size_t member, double moved) {
  Track& track = *members_[member].track;
  std::vector<double> recent(track.innovations.begin(), track.innovations.end());
  while (recent.size() > track.floor.count()) recent.erase(recent.begin());
  const auto middle = recent.begin() + static_cast<std::ptrdiff_t>(recent.size() / 2);
  std::nth_element(recent.begin(), middle, recent.end());
  for (const double shift : {0.0, moved / 2, -moved / 2}) {
    if (std::fabs(*middle - shift) > nearly * moved) continue;
    track.route_bias += shift;
    if (std::fabs(track.route_bias) < nearly * moved) track.route_bias = 0;  // the former route again
    // To have hit that by chance would be odd, were it not just that.
    const bool exactly = std::fabs(*middle - shift) < track.floor.scale();
    bank_.widen(ClockFilter::first_bias + member,
                std::pow(exactly ? track.floor.scale() / 8 : usual_asymmetry * moved, 2));
    return shift;
  }
  bank_.widen(ClockFilter::first_bias + member, std::pow(asymmetry_of_change * moved, 2));
  return 0;
}

// The shorter route is the better known one. If it says something else than the longer one did, that was
// wrong, and the clock with it, as far as it hung on this source.
void JointEstimator::shorter_route(std::size_t member, double innovation, double moved) {
  Track& track = *members_[member].track;
  track.doubted = 0;
  track.bias_deviation = std::max(usual_asymmetry * track.floor.floor(), precision_.count());
  if (std::fabs(innovation) < nearly * moved) return;
  bank_.renew_bias(ClockFilter::first_bias + member, track.bias_deviation);
  bank_.widen(ClockFilter::offset, std::pow(moved / 2 / static_cast<double>(members_.size()), 2));
}

// Most sources agree and one does not: then its bias is not of the usual size, and the others need not share
// it.
void JointEstimator::doubt(std::size_t member, const ClockFilter::States& states) {
  constexpr std::size_t most_of = 3;
  constexpr double doubtful = 5;
  const std::size_t count = members_.size();
  if (count < most_of) return;
  std::array<double, most_biases> biases{};
  std::copy_n(states.begin() + ClockFilter::first_bias, count, biases.begin());
  const auto middle = biases.begin() + static_cast<std::ptrdiff_t>(count / 2);
  std::nth_element(biases.begin(), middle, biases.begin() + static_cast<std::ptrdiff_t>(count));
  Track& track = *members_[member].track;
  const double away = states[ClockFilter::first_bias + member] - *middle;
  if (std::fabs(away) < doubtful * track.bias_deviation) return;
  track.doubted = track.bias_deviation = std::fabs(away);
  doubting_ = true;
}

// Nobody's measurement is worse than its round trip. But the offset is to be known far worse than the bias at
// first: where a reference clock has no round trip worth the name, half of what the first measurement was
// wrong by would be taken for its bias, and stay.
void JointEstimator::meet_first(const Observation& observation) {
  anchor_ = observation.theta;
  const double known = std::pow(observation.delay.count(), 2) + std::pow(precision_.count(), 2);
  bank_.widen(ClockFilter::offset, std::max(known, std::pow(precision_.count() / usual_asymmetry, 2)));
}

void JointEstimator::update(std::size_t member, const Observation& observation) {
  Track& track = *members_[member].track;
  const std::size_t bias = ClockFilter::first_bias + member;
  if (!at_) meet_first(observation);
  follow_time(observation.at);
  const Late late = lateness(observation.at);
  Excess excess = track.floor.excess(observation.delay.count());
  excess.resolution = observation.dispersion.count();
  const double asymmetric = track.asymmetry.value_or(0) * excess.over;
  const double measured =
      base::to_seconds(observation.theta - anchor_).count() - track.route_bias + asymmetric + late.progress;
  if (track.asymmetry) excess = symmetric_rest(excess, *track.asymmetry);
  const ClockFilter::States states = bank_.states();
  doubt(member, states);
  const double innovation = measured - states[ClockFilter::offset] - states[bias];
  track.innovations.push_back(innovation);
  if (track.innovations.size() > DelayFloor::enough) track.innovations.pop_front();
  const double shift = track.change.kind != FloorChange::Kind::none ? change_route(member, innovation) : 0;
  if (taken_ > noise_known)
    notice_surprise(observation.at, innovation - shift, bank_.measured_variance(bias), excess);
  const double deviation = std::hypot(take_resolution(excess, precision_.count()), late.deviation);
  bank_.update(measured - shift, bias, excess, deviation);
  ++taken_;
}

// False: there is no room, or nothing to say.
bool JointEstimator::admit(base::SourceId source) {
  const auto found = tracks_.find(source);
  if (found == tracks_.end() || found->second.history.empty() || members_.size() >= most_biases) return false;
  Track& track = found->second;
  track.change = {};
  track.bias_deviation = std::max({usual_asymmetry * track.floor.floor(), track.doubted, precision_.count()});
  bank_.add_bias(track.bias_deviation);
  members_.push_back({source, &track});
  return true;
}

// Whoever steers goes on, whoever has stopped to goes when room is needed. The best one always gets it.
void JointEstimator::join(std::span<const base::SourceId> steering) {
  const auto rank = [steering](const Member& member) {
    return std::ranges::find(steering, member.source) - steering.begin();
  };
  for (const auto id : steering) {
    if (bias_of(id) || admit(id) || members_.size() < most_biases) continue;
    const auto last = std::ranges::max_element(members_, {}, rank);
    if (id != steering.front() && rank(*last) < std::ssize(steering)) break;
    leave(static_cast<std::size_t>(last - members_.begin()), false);
    static_cast<void>(admit(id));
  }
}

void JointEstimator::set_steering_sources(std::span<const base::SourceId> steering,
                                          std::span<const base::SourceId> wrong) {
  for (const auto id : wrong)
    if (const auto member = bias_of(id)) leave(*member, true);
  join(steering);
  bool news = false;
  for (const auto& member : members_) {
    if (member.track->fresh.empty() || std::ranges::find(steering, member.source) == steering.end()) continue;
    news = true;
    restart_due_ = restart_due_ || member.track->from_history;
  }
  const bool early = taken_ < few && news;
  if (!members_.empty() && (early || (restart_due_ && restarts_ >= 1))) {
    if (!early) restarts_ -= 1;
    restart();
  }
  take_fresh(steering);
}

// Samples beyond all measure may have been too much for the arithmetic: what follows is to be of use again.
void JointEstimator::start_over() {
  bank_ = FilterBank(prior_.frequency, prior_.deviation);
  members_.clear();
  at_.reset();
  taken_ = 0;
  surprises_ = 0;
  restart_due_ = doubting_ = false;
  for (auto& [id, track] : tracks_) {
    track.history.clear();
    track.innovations.clear();
    track.change = {};
    track.route_bias = track.doubted = 0;
  }
}

void JointEstimator::take_fresh(std::span<const base::SourceId> steering) {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (std::ranges::find(steering, members_[i].source) == steering.end()) continue;
    for (const auto& observation : std::exchange(members_[i].track->fresh, {})) {
      update(i, observation);
      restarts_ = std::min(restarts_ + restarts_earned, most_restarts);
    }
  }
  // What has been shared among the sources already cannot be taken back otherwise.
  constexpr int rounds = 4;
  for (int i = 0; i < rounds && restarts_ >= 1 && std::exchange(doubting_, false); ++i) {
    restarts_ -= 1;
    restart();
  }
  for (auto& [id, track] : tracks_) {
    track.fresh.clear();
    track.from_history = false;
  }
  const BankEstimate e = bank_.estimate();
  if (!std::isfinite(e.offset) || !std::isfinite(e.frequency) || !std::isfinite(e.offset_variance) ||
      !std::isfinite(bank_.wander()))
    start_over();
}

std::optional<JointEstimate> JointEstimator::estimate(LocalTime at, base::SourceId leader) const {
  const auto member = bias_of(leader);
  if (!at_ || !member) return std::nullopt;
  const double seconds = std::max(base::to_seconds(at - *at_).count(), 0.0);
  const BankEstimate e = bank_.estimate(seconds);
  JointEstimate joint;
  joint.theta = anchor_ + base::to_duration(base::Seconds{e.offset});
  joint.frequency = e.frequency;
  joint.frequency_error = std::sqrt(e.frequency_variance);
  // What the sources have in common by their biases cannot be corrected and says nothing of how good a
  // correction is.
  const double growth = e.offset_variance - bank_.estimate().offset_variance;
  const double measured = bank_.measured_variance(ClockFilter::first_bias + *member) + growth;
  // If it is on one way, what the floor is too high by is so in all measurements, and half of it their error.
  const DelayFloor& floor = members_[*member].track->floor;
  const Excess shortest = floor.excess(floor.floor());
  const double common = bank_.one_sided(shortest, precision_.count()) * std::pow(shortest.hidden / 2, 2);
  joint.error = base::Seconds{std::sqrt(std::max(std::min(measured, e.offset_variance), 0.0) + common)};
  return joint;
}

base::Seconds JointEstimator::noise(base::SourceId source) const {
  const auto found = tracks_.find(source);
  if (found == tracks_.end() || found->second.history.empty()) return base::Seconds{0};
  const Track& track = found->second;
  return 0.3 * std::max(base::Seconds{track.floor.scale()}, track.history.back().dispersion);
}

}  // namespace gnomon::engine
