// SPDX-License-Identifier: GPL-2.0-or-later
// The samples of a source taken out of the timekeeper when the daemon stops, and back in after it has started
// again.
#include <algorithm>
#include <cmath>

#include "daemon/core/engine/discipline/timekeeper_state.hpp"

namespace gnomon::engine {

namespace {

base::Seconds rest(base::Seconds whole, base::Seconds part) {
  return std::max(whole - part, base::Seconds{0});
}

}  // namespace

std::optional<Dump> Timekeeper::history(base::SourceId id, const base::Now& now) const {
  const auto found = state_->sources.find(id);
  if (found == state_->sources.end() || found->second.kept.empty()) return std::nullopt;
  const TrackedSource& source = found->second;
  Dump dump;
  dump.name = source.traits.source.name;
  dump.authenticated = source.traits.authenticated;
  dump.reach = source.status.reach;
  dump.stratum = source.last.stratum.value;
  dump.leap = source.last.leap;
  // A slew under way ends with the daemon; the frequency stays.
  const double rate = state_->settings.steer ? state_->discipline.frequency() : state_->settings.initial_rate;
  const LocalTime end = state_->timescale.local(now.real);
  for (const KeptSample& kept : source.kept) {
    const base::Duration back = end - kept.observation.at;
    const base::Duration gained = base::to_duration(base::to_seconds(back) * rate);
    const Sample& s = kept.sample;
    dump.samples.push_back(
        {.time = now.real - back - gained,
         .offset = base::to_seconds(state_->timescale.ahead(end) - gained - kept.observation.theta),
         .measured = -s.offset,
         .delay = s.delay,
         .dispersion = s.dispersion,
         .root_delay = s.root_delay + s.delay,
         .root_dispersion = s.root_dispersion + s.dispersion});
  }
  return dump;
}

Decisions Timekeeper::restore(base::SourceId id, const Dump& dump, const base::Now& now) {
  Decisions decisions;
  state_->begin(now, decisions);
  const auto found = state_->sources.find(id);
  if (found == state_->sources.end()) return decisions;
  TrackedSource& source = found->second;
  // Counted back from our start: a name may be resolved long after it, when the clock has been corrected.
  const TimekeeperSettings& settings = state_->settings;
  const double limit = largest_frequency(settings.clock);
  const double rate = settings.drift && settings.steer ? std::clamp(settings.drift->rate(), -limit, limit)
                                                       : settings.initial_rate;
  const base::MonoTime start = state_->started.value_or(now.mono);
  std::vector<Observation> observations;
  for (const DumpedSample& d : dump.samples) {
    const base::Duration back = state_->started_at - d.time;
    const base::Duration gained = base::to_duration(base::to_seconds(back) * (rate / (1 + rate)));
    Sample sample;
    sample.time = d.time;
    sample.mono = start - back;
    sample.offset = -d.measured;
    sample.delay = d.delay;
    sample.dispersion = d.dispersion;
    sample.root_delay = rest(d.root_delay, d.delay);
    sample.root_dispersion = rest(d.root_dispersion, d.dispersion);
    sample.stratum = {dump.stratum};
    sample.leap = dump.leap;
    sample.authenticated = dump.authenticated;
    const Observation observation{LocalTime{gained - back}, -gained - base::to_duration(d.offset), d.delay,
                                  d.dispersion};
    state_->remember(source, sample, observation);
    source.estimator->add(observation);
    observations.push_back(observation);
  }
  state_->joint.add_history(id, observations);
  source.status.reach = dump.reach;
  source.fresh = 1;
  source.restored = true;
  return decisions;
}

Decisions Timekeeper::reset(const base::Now& now) {
  Decisions decisions;
  state_->begin(now, decisions);
  state_->drop_samples();
  state_->joint.lose_offset(base::Seconds{0});
  state_->begin_anew(now, decisions);
  return decisions;
}

void Timekeeper::State::drop_samples() {
  for (auto& [id, source] : sources) {
    source.estimator->clear();
    source.kept.clear();
    source.restored = false;
    source.fresh = 0;
  }
}

void Timekeeper::State::begin_anew(const base::Now& now, Decisions& decisions) {
  has_reference = false;
  run(std::nullopt, now, decisions);
  report_status(now, decisions);
}

// Whether the first new sample is where the restored ones foretell it, so far as they can.
bool Timekeeper::State::bears_out(const TrackedSource& source, const Sample& sample) const {
  constexpr double change_of_frequency = 2e-6;  // s/s, since it was last measured
  const auto estimate = source.estimator->estimate();
  if (!estimate) return true;
  const LocalTime at = timescale.local(sample.time);
  const base::Seconds away =
      base::to_seconds(timescale.ahead(at) + base::to_duration(sample.offset) - theta_of(*estimate, at));
  const double age = std::max(base::to_seconds(at - estimate->at).count(), 0.0);
  const base::Seconds allowed = (sample.delay + estimate->delay) / 2 + sample.dispersion +
                                estimate->error * 4 +
                                base::Seconds{age * (estimate->skew + change_of_frequency)};
  return std::fabs(away.count()) <= allowed.count();
}

void Timekeeper::State::doubt_history(TrackedSource& source, const Sample& sample, Decisions& decisions) {
  if (!std::exchange(source.restored, false) || bears_out(source, sample)) return;
  source.estimator->clear();
  source.kept.clear();
  source.fresh = 0;
  joint.drop_samples(source.traits.id);
  decisions.notes.push_back({NoteKind::history_dropped, source.traits.id, 0, {}});
}

}  // namespace gnomon::engine
