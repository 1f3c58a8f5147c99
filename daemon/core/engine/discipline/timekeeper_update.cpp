// SPDX-License-Identifier: GPL-2.0-or-later
// One clock update: what the selected sources say together, what that makes of our clock, and who is told.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "daemon/core/engine/discipline/timekeeper_state.hpp"
#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::engine {

namespace {

constexpr base::Seconds most_reported{16};  // the kernel's and NTP's largest error
constexpr double worth_saving = 100e-6;     // skew up to which a frequency is better than none, s/s

bool takes_part(const Verdict& v) {
  return v.state == SourceState::selected || v.state == SourceState::combined;
}

base::Duration capped(base::Seconds value) {
  return base::to_duration(std::max(std::min(most_reported, value), base::Seconds{0}));
}

}  // namespace

void Timekeeper::State::follow(const Selection& selection) {
  if (!selection.selected) return;
  std::vector<std::pair<double, base::SourceId>> ranked;  // the selected one first, then the nearest ones
  std::vector<base::SourceId> wrong;
  for (const Verdict& v : selection.verdicts) {
    if (takes_part(v))
      ranked.emplace_back(v.state == SourceState::selected ? -1 : v.evidence.distance.count(), v.source);
    else if (v.state == SourceState::falseticker)
      wrong.push_back(v.source);
  }
  std::ranges::sort(ranked);
  std::vector<base::SourceId> steering;
  steering.reserve(ranked.size());
  for (const auto& [distance, id] : ranked) steering.push_back(id);
  joint.set_steering_sources(steering, wrong);
}

std::optional<Combined> Timekeeper::State::combine(LocalTime at) const {
  const auto estimate = joint.estimate(at, selected.value_or(base::SourceId{}));
  if (!estimate) return std::nullopt;
  Combined combined;
  combined.at = at;
  combined.theta = estimate->theta;
  combined.error = estimate->error;
  combined.frequency = estimate->frequency;
  combined.skew = estimate->frequency_error;
  combined.has_frequency = true;
  combined.sources = static_cast<int>(std::count_if(verdicts.begin(), verdicts.end(), takes_part));
  return combined;
}

// The interval that makes the most of a source: about until the clock's wander has grown to the noise of a
// sample, less where that is long.
void Timekeeper::State::advise(TrackedSource& source) const {
  constexpr double usual = 64;  // s
  constexpr double share = 1.1;
  constexpr double stretch = 0.9;
  constexpr double measurements_to_know = 8;
  const double noise = std::max(joint.noise(source.traits.id).count(), 1e-9);
  const double matched = std::cbrt(noise * noise / joint.wander());
  const double suitable = usual * share * std::pow(matched / usual, stretch);
  // As long as the frequency is hardly known, the clock would be far off by then.
  const double bearable = 1 * noise / discipline.skew();
  // How the clock wanders takes many measurements to know.
  const double known_for = base::to_seconds(source.last.mono - started.value_or(source.last.mono)).count();
  const double early = std::max(known_for / measurements_to_know, usual);
  const double best = std::log2(std::clamp(std::min({suitable, bearable, early}), 1e-3, 1e6));
  const double target = std::log2(std::max(source.traits.source.poll_target, 1) / 8.0);
  // Something has happened that further measurements must explain.
  source.advice.best = joint.surprised() ? std::numeric_limits<std::int8_t>::min() : best - target;
}

base::LeapIndicator Timekeeper::State::vote_on_leap() const {
  int voters = 0;
  int insert = 0;
  int remove = 0;
  for (const Verdict& v : verdicts) {
    if (!takes_part(v)) continue;
    const auto& last = sources.at(v.source).last;
    ++voters;
    if (last.leap == base::LeapIndicator::insert) ++insert;
    if (last.leap == base::LeapIndicator::remove) ++remove;
  }
  if (insert * 2 > voters) return base::LeapIndicator::insert;
  return remove * 2 > voters ? base::LeapIndicator::remove : base::LeapIndicator::none;
}

Reference Timekeeper::State::refer(const Combined& combined, const base::Now& now) const {
  const TrackedSource& source = sources.at(selected.value_or(base::SourceId{}));
  const Estimate estimate = source.estimator->estimate().value_or(Estimate{});
  Reference r;
  r.source = source.traits.id;
  r.address = source.traits.address;
  r.name = source.traits.source.name;
  // copy: we and the source are one machine to those we serve.
  const bool copy = source.traits.source.copy;
  r.id = copy ? source.last.reference_id : reference_id_of(r.address);
  r.stratum = static_cast<std::uint8_t>(std::min(source.last.stratum.value + (copy ? 0 : 1), 16));
  r.leap = vote_on_leap();
  r.time = now.real;
  r.at = combined.at;
  r.root_delay = source.last.root_delay + estimate.delay;
  r.root_dispersion = source.last.root_dispersion + source.last.dispersion + combined.error;
  r.error = combined.error;
  return r;
}

void Timekeeper::State::report_status(const base::Now& now, Decisions& decisions) const {
  if (!settings.steer) return;
  ReportStatus status;
  const SyncState s = standing(now);
  if (s.kind != SyncState::Kind::synchronised) {
    status.max_error = status.estimated_error = capped(most_reported);
    decisions.commands.emplace_back(status);
    return;
  }
  status.leap = leap.armed();
  status.tai_offset = leap_table.tai_offset(utc(now)).value_or(0);
  status.max_error = capped(reference.root_delay / 2.0 + s.root_dispersion);
  status.estimated_error = capped(reference.error);
  decisions.commands.emplace_back(status);
}

void Timekeeper::State::activate_local(const base::Now& now) {
  if (!settings.local || !has_reference) return;
  const base::Seconds distance = reference.root_delay / 2.0 + dispersion(now);
  local_activated = local_activated || distance < settings.local->activate;
}

// maxchange was exceeded more often than it allows. Who sets the clock once has failed; a daemon stays where
// it can be asked, unless told otherwise.
void Timekeeper::State::freeze(const base::Now& now, Decisions& decisions) {
  const bool asked_to_exit = settings.clock.max_change && settings.clock.max_change->exit;
  decisions.give_up = settings.set_once || asked_to_exit;
  if (settings.steer) decisions.commands.emplace_back(discipline.plain_rate());  // no slew goes on
  decisions.notes.push_back({.kind = NoteKind::steering_frozen, .source = {}, .value = 0, .text = {}});
  report_status(now, decisions);
}

void Timekeeper::State::update_clock(const Selection& selection, const base::Now& now, Decisions& decisions) {
  if (settings.set_once && discipline.updates() > 0) return;
  const auto joined = combine(timescale.local(now.real));
  if (!joined) return;
  const Combined& combined = *joined;
  if (!offset_reported) {
    offset_reported = true;
    decisions.measured_offset = base::to_seconds(combined.theta - timescale.ahead(combined.at));
  }
  for (const Verdict& v : selection.verdicts)
    if (takes_part(v)) sources.at(v.source).fresh = 0;
  const bool first = discipline.updates() == 0;
  const bool was_frozen = discipline.frozen();
  const double frequency_before = discipline.frequency();
  if (!discipline.update(combined, timescale, decisions)) {
    if (discipline.frozen() && !was_frozen) freeze(now, decisions);
    return;
  }
  bear_out_start(selection, first);
  if (last_update) fallback.learn(discipline.frequency(), base::to_seconds(now.mono - *last_update));
  reference = refer(combined, now);
  has_reference = true;
  last_update = now.mono;
  smooth_update(frequency_before, now, decisions);
  static_cast<void>(announce_leap(now, decisions));
  activate_local(now);
  report_status(now, decisions);
  decisions.drift_worth_saving = !settings.set_once && discipline.skew() <= worth_saving;
}

}  // namespace gnomon::engine
