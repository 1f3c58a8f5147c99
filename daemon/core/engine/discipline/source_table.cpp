// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/source_table.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "daemon/core/engine/discipline/best_poll.hpp"
#include "daemon/core/engine/leap/leap_notes.hpp"
#include "daemon/core/engine/selection/steering.hpp"

namespace gnomon::engine {

namespace {

// Nothing was measured: how old a sample was is said of the selection that a sample led to, and whoever has
// none yet is still without, whatever option it was given, as chronyd has it.
void keep_measured(std::span<const Verdict> former, std::vector<Verdict>& verdicts) {
  for (Verdict& v : verdicts)
    for (const Verdict& before : former) {
      if (before.source != v.source) continue;
      v.evidence.age = before.evidence.age;
      if (v.reason == Reason::no_select && before.reason == Reason::missing_samples) v.reason = before.reason;
    }
}

}  // namespace

SourceTable::SourceTable(const TimekeeperSettings& settings)
    : settings_(settings), joint_(prior_of(settings), settings.clock_precision) {}

void SourceTable::add(const SourceTraits& traits) {
  const RegressionLimits limits = limits_of(traits.source, settings_);
  joint_.watch(traits.id, static_cast<std::size_t>(limits.max_samples), limits.shortest,
               traits.source.asymmetry);
  sources_.insert_or_assign(traits.id, tracked_source(traits, limits));
}

void SourceTable::remove(base::SourceId id) {
  sources_.erase(id);
  joint_.forget(id);
  std::erase_if(verdicts_, [id](const Verdict& v) { return v.source == id; });
  if (selected_ == id) selected_.reset();
}

void SourceTable::set_address(base::SourceId id, const base::IpAddress& address) {
  const TrackedSource* source = find(id);
  if (source == nullptr || source->traits.address == address) return;
  // Another server: nothing measured of the former one holds.
  SourceTraits traits = source->traits;
  traits.address = address;
  add(traits);
  for (Verdict& v : verdicts_)
    if (v.source == id)
      v = {.source = id, .evidence = {.limit = 1.0 * samples_needed(*source)}, .effective = v.effective};
}

void SourceTable::set_provisional(base::SourceId id, bool provisional) {
  const TrackedSource* source = find(id);
  if (source == nullptr || source->traits.provisional == provisional) return;
  SourceTraits traits = source->traits;
  traits.provisional = provisional;
  add(traits);
}

void SourceTable::reconfigure(base::SourceId id, const config::Source& source) {
  const auto found = sources_.find(id);
  if (found != sources_.end()) found->second.traits.source = source;
}

void SourceTable::start_anew() {
  drop_samples(base::Seconds{0});
  selected_.reset();
  selection_notes_ = {};
}

void SourceTable::await(base::SourceId id, std::optional<base::MonoTime> until) {
  if (until)
    awaited_[id] = *until;
  else
    awaited_.erase(id);
}

const TrackedSource* SourceTable::find(base::SourceId id) const {
  const auto found = sources_.find(id);
  return found == sources_.end() ? nullptr : &found->second;
}

const TrackedSource* SourceTable::selected() const {
  return selected_ ? find(*selected_) : nullptr;
}

void SourceTable::apply(const SetReselectDistance& command) {
  settings_.selection.reselect_distance = command.distance;
}

void SourceTable::apply(const SelectAnew&) {
  selected_.reset();
  patience_ends_.reset();
  for (auto& [id, source] : sources_) source.score = 1;
}

// --- samples

bool SourceTable::set_status(base::SourceId id, const SourceStatus& status) {
  SourceStatus before = std::exchange(sources_.at(id).status, status);
  // Once somebody is selected nobody is waited for.
  if (selected_) {
    before.awaited_until = status.awaited_until;
    before.ready_at = status.ready_at;
  }
  return before != status;
}

std::optional<Note> SourceTable::observe(base::SourceId id, const Sample& sample, const Timescale& timescale,
                                         double frequency) {
  TrackedSource& source = sources_.at(id);
  const Sample even = straightened(sample, timescale, frequency, settings_.clock.max_clock_error.ratio());
  KeptSample kept{even, observation_of(even, timescale)};
  kept.observation.apart = apart_of(sample, timescale);
  const auto history = std::exchange(source.restored, false) ? source.record.estimate() : std::nullopt;
  std::optional<Note> note;
  if (history && !agrees(kept, *history, frequency)) {
    source.drop_samples();
    joint_.drop_samples(id);
    note = Note{note::HistoryDropped{}, id};
  }
  source.record.add(kept);
  joint_.add(id, kept.observation);
  ++source.fresh;
  return note;
}

void SourceTable::move(base::SourceId id, base::Seconds by) {
  sources_.at(id).record.move(by);
  joint_.move(id, base::to_duration(by));
}

void SourceTable::restore(base::SourceId id, const Dump& dump, const HistoryStart& start) {
  TrackedSource& source = sources_.at(id);
  std::vector<Observation> observations;
  for (const KeptSample& kept : samples_of(dump, start)) {
    source.record.add(kept);
    observations.push_back(kept.observation);
  }
  joint_.add_history(id, observations);
  source.status.reach = dump.reach;
  source.fresh = 1;
  source.restored = true;
}

void SourceTable::drop_samples(base::Seconds jump) {
  for (auto& [id, source] : sources_) source.drop_samples();
  patience_ends_.reset();
  joint_.lose_offset(jump);
}

// --- selection

// Who sets the clock once is in a hurry; where others can contradict a source, its interval is soon told.
std::uint32_t SourceTable::samples_needed(const TrackedSource& source) const {
  if (source.traits.provisional || max_samples_of(source.traits.source, settings_.selection) == 1) return 1;
  return settings_.one_shot && sources_.size() > 1 ? 2 : 3;
}

Selection SourceTable::selection(std::optional<base::SourceId> updated, const ClockMoment& clock,
                                 std::optional<int> orphan_stratum) const {
  std::vector<Candidate> candidates;
  candidates.reserve(sources_.size());
  for (const auto& [id, source] : sources_)
    candidates.push_back(candidate_of(source, samples_needed(source), clock));
  std::optional<base::Duration> patience;
  if (patience_ends_) patience = *patience_ends_ - clock.now.mono;
  return engine::select(candidates, {settings_.selection, selected_, updated, !awaited_.empty(), patience,
                                     clock.wander, orphan_stratum});
}

std::vector<Note> SourceTable::select(std::optional<base::SourceId> updated, const ClockMoment& clock,
                                      std::optional<int> orphan_stratum) {
  std::erase_if(awaited_, [&clock](const auto& one) { return one.second <= clock.now.mono; });
  Selection made = selection(updated, clock, orphan_stratum);
  patience_ends_.reset();
  if (made.patience && !made.selected) patience_ends_ = clock.now.mono + *made.patience;
  waits_until_ = end_of_waiting(made, clock.now.mono);
  auto notes = notes_of(made, updated);
  if (!updated) keep_measured(verdicts_, made.verdicts);
  verdicts_ = std::move(made.verdicts);
  outcome_ = made.outcome;
  for (const Verdict& v : verdicts_) sources_.at(v.source).score = v.evidence.score;
  selected_.reset();
  if (!made.selected) return notes;
  selected_ = verdicts_[*made.selected].source;
  const Steering steering = steering_of(verdicts_);
  joint_.set_steering_sources(steering.sources, steering.wrong);
  return notes;
}

std::vector<Note> SourceTable::notes_of(const Selection& selection, std::optional<base::SourceId> updated) {
  auto notes = selection_notes_.compare(selection, {verdicts_, selected_}, answers_overdue());
  if (!updated || settings_.one_shot) return notes;
  TrackedSource& source = sources_.at(*updated);
  for (const Verdict& v : selection.verdicts)
    if (v.source == *updated)
      if (auto note = source.limits.look(v, source.record.last().stratum)) notes.push_back(std::move(*note));
  return notes;
}

// When the first source that is waited for is given up, at the latest when nobody is waited for any more.
std::optional<base::MonoTime> SourceTable::end_of_waiting(const Selection& selection,
                                                          base::MonoTime now) const {
  const auto waits = [](const Verdict& v) { return v.reason == Reason::waits_for_others; };
  if (std::ranges::none_of(selection.verdicts, waits)) return std::nullopt;
  std::optional<base::MonoTime> end = patience_ends_;
  const auto consider = [&end](base::MonoTime until) { end = std::min(end.value_or(until), until); };
  for (const auto& [id, until] : awaited_) consider(until);
  for (const auto& [id, source] : sources_)
    if (source.may_still_answer(now)) consider(*source.status.awaited_until);
  return end;
}

bool SourceTable::is_bad(base::SourceId id) const {
  const TrackedSource* source = find(id);
  return source != nullptr && source->limits.is_bad();
}

bool SourceTable::answers_overdue() const {
  return !settings_.one_shot && !waits_until_ && std::ranges::any_of(sources_, [](const auto& one) {
    return one.second.status.asked_often && !one.second.traits.source.no_select;
  });
}

// --- what the steering sources say

std::optional<Combined> SourceTable::combined(LocalTime at) const {
  const auto estimate = joint_.estimate(at, selected_.value_or(base::SourceId{}));
  if (!estimate) return std::nullopt;
  return Combined{.at = at,
                  .theta = estimate->theta,
                  .frequency = estimate->frequency,
                  .skew = estimate->frequency_error,
                  .has_frequency = true,
                  .error = estimate->error,
                  .sources = static_cast<int>(std::ranges::count_if(verdicts_, &Verdict::steers))};
}

base::LeapIndicator SourceTable::leap() const {
  std::vector<base::LeapIndicator> said;
  for (const auto id : voters_on_leap(verdicts_)) said.push_back(sources_.at(id).record.last().leap);
  return leap_by_majority(said);
}

void SourceTable::use_samples() {
  for (const Verdict& v : verdicts_)
    if (v.steers()) sources_.at(v.source).fresh = 0;
}

void SourceTable::advise(base::SourceId id, base::MonoTime started, double skew) {
  TrackedSource& source = sources_.at(id);
  source.advice = best_poll({.noise = joint_.noise(id),
                             .wander = joint_.wander(),
                             .skew = skew,
                             .known_for = base::to_seconds(source.record.last().mono - started),
                             .poll_target = source.traits.source.poll_target,
                             .surprised = joint_.surprised()});
}

}  // namespace gnomon::engine
