// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/timekeeper.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "daemon/core/engine/discipline/timekeeper_state.hpp"
#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::engine {

namespace {

double first_frequency(const TimekeeperSettings& s) {
  const double limit = largest_frequency(s.clock);
  return std::clamp(s.drift ? s.drift->rate() : s.initial_rate, -limit, limit);
}

Discipline::Settings discipline_settings(const TimekeeperSettings& s) {
  Discipline::Settings d;
  d.clock = s.clock;
  d.steer = s.steer;
  d.no_start_adjustments = s.no_start_adjustments;
  d.set_once = s.set_once;
  d.initial_frequency = first_frequency(s);
  // Less is known than without a file: impossible.
  if (s.drift) d.initial_skew = std::clamp(s.drift->skew.ratio(), 1e-10, d.initial_skew);
  return d;
}

int max_samples_of(const config::Source& source, const config::SelectionSettings& settings) {
  const int most = source.max_samples.value_or(settings.max_samples);
  return most <= 0 ? 64 : std::min(most, 64);
}

EstimatorLimits limits_of(const config::Source& source, const TimekeeperSettings& s) {
  EstimatorLimits limits;
  limits.min_samples = source.min_samples.value_or(s.selection.min_samples);
  limits.max_samples = max_samples_of(source, s.selection);
  limits.precision = s.clock_precision;
  limits.asymmetry = source.asymmetry.value_or(0);
  limits.shortest = std::max(source.min_delay, base::Seconds{});
  return limits;
}

// The frequency of a clock never measured lies within a few hundred ppm; a drift file knows better, but the
// clock may have been colder when it was written.
double frequency_deviation(const TimekeeperSettings& s) {
  constexpr double unknown = 200e-6;
  constexpr double since_written = 1e-6;
  if (!s.drift) return unknown;
  return std::clamp(s.drift->skew.ratio(), since_written, unknown);
}

}  // namespace

Timekeeper::State::State(TimekeeperSettings its_settings)
    : settings(std::move(its_settings)),
      joint({first_frequency(settings), frequency_deviation(settings), settings.clock.max_drift.ratio()},
            settings.clock_precision),
      discipline(discipline_settings(settings)),
      fallback(settings.clock.fallback_drift),
      leap(settings.clock.leap_second_mode, settings.steer) {
  if (settings.smooth_time) smoothing.emplace(*settings.smooth_time);
}

void Timekeeper::State::start(const base::Now& now, Decisions& decisions) {
  if (started) return;
  timescale = Timescale(now.real, settings.initial_rate);
  started = now.mono;
  started_at = now.real;
  if (!settings.drift) return;
  decisions.notes.push_back({NoteKind::frequency_read,
                             {},
                             settings.drift->frequency.value,
                             settings.clock.drift_file,
                             settings.drift->skew.value});
  if (std::fabs(settings.drift->frequency.value) > settings.clock.max_drift.value)
    decisions.notes.push_back({NoteKind::frequency_clamped,
                               {},
                               settings.drift->frequency.value,
                               settings.clock.drift_file,
                               settings.clock.max_drift.value});
  if (settings.steer && !settings.set_once) decisions.commands.emplace_back(discipline.plain_rate());
}

void Timekeeper::State::begin(const base::Now& now, Decisions& decisions) {
  start(now, decisions);
  attend_leap(now, decisions);
}

base::Duration Timekeeper::State::theta_of(const Estimate& estimate, LocalTime t) const {
  if (estimate.has_frequency) return estimate.theta_at(t);
  return estimate.theta + base::to_duration(base::to_seconds(t - estimate.at) * discipline.frequency());
}

void Timekeeper::State::remember(TrackedSource& source, const Sample& sample,
                                 const Observation& observation) const {
  if (source.local_id == base::ReferenceId{} || source.last.local != sample.local)
    source.local_id = reference_id_of(sample.local);
  source.last = sample;
  source.last_at = observation.at;
  source.last_theta = observation.theta;
  source.kept.push_back({sample, observation});
  const auto most = static_cast<std::size_t>(max_samples_of(source.traits.source, settings.selection));
  while (source.kept.size() > most) source.kept.pop_front();
}

void Timekeeper::State::observe(TrackedSource& source, const Sample& sample) {
  const LocalTime at = timescale.local(sample.time);
  const Observation observation{at, timescale.ahead(at) + base::to_duration(sample.offset), sample.delay,
                                sample.dispersion};
  remember(source, sample, observation);
  source.estimator->add(observation);
  joint.add(source.traits.id, observation);
  ++source.fresh;
}

// Who sets the clock once is in a hurry; where others can contradict a source, its interval is soon told.
std::uint32_t Timekeeper::State::samples_needed(const TrackedSource& source) const {
  if (source.traits.provisional || max_samples_of(source.traits.source, settings.selection) == 1) return 1;
  return settings.one_shot && sources.size() > 1 ? 2 : 3;
}

bool Timekeeper::State::may_still_answer(const TrackedSource& source, const base::Now& now) const {
  return source.status.awaited_until && *source.status.awaited_until > now.mono;
}

Candidate Timekeeper::State::candidate(const TrackedSource& source, LocalTime now_local,
                                       const base::Now& now) const {
  const config::Source& options = source.traits.source;
  Candidate c;
  c.id = source.traits.id;
  c.no_select = options.no_select;
  c.prefer = options.prefer;
  c.trust = options.trust;
  c.require = options.require;
  c.authenticated = source.traits.authenticated;
  c.provisional = source.traits.provisional;
  c.samples_needed = samples_needed(source);
  c.awaited = may_still_answer(source, now);
  c.reach = source.status.reach;
  c.unreachable_too_long = source.status.unreachable_too_long;
  c.score = source.score;
  const auto estimate = source.estimator->estimate();
  if (!estimate) return c;
  const base::Seconds age = base::to_seconds(now_local - estimate->at);
  c.samples = estimate->samples;
  c.last_sample = now.mono - source.last.mono;
  c.first_sample = c.last_sample + estimate->span;
  c.leap = source.last.leap;
  c.stratum = source.last.stratum;
  c.offset = base::to_seconds(theta_of(*estimate, now_local) - timescale.ahead(now_local));
  const double growth =
      (estimate->has_frequency ? estimate->skew : discipline.skew()) + settings.clock.max_clock_error.ratio();
  c.distance = (source.last.root_delay + estimate->delay) / 2.0 + source.last.root_dispersion +
               source.last.dispersion + estimate->error + std::max(age, base::Seconds{0}) * growth;
  c.jitter = estimate->deviation;
  c.address_id = source.address_id;
  c.local_id = source.local_id;
  c.frequency = estimate->has_frequency ? estimate->frequency : discipline.frequency();
  c.skew = estimate->skew;
  return c;
}

// When the first source that is waited for is given up.
void Timekeeper::State::note_waiting(const Selection& selection, const base::Now& now) {
  waits_until.reset();
  const bool waiting = std::ranges::any_of(
      selection.verdicts, [](const Verdict& v) { return v.reason == Reason::waits_for_others; });
  if (!waiting) return;
  const auto consider = [this](base::MonoTime until) {
    waits_until = std::min(waits_until.value_or(until), until);
  };
  for (const auto& [id, until] : awaited) consider(until);
  for (const auto& [id, source] : sources)
    if (may_still_answer(source, now)) consider(*source.status.awaited_until);
}

// The clock was set by sources of which most of all now say that they are wrong: begun anew, so that it may
// be stepped as at the start.
void Timekeeper::State::doubt_start(const Selection& selection, Decisions& decisions) {
  if (first_followed.empty() || !selection.selected) return;
  for (const Verdict& v : selection.verdicts) {
    const bool followed = std::ranges::find(first_followed, v.source) != first_followed.end();
    if (followed && v.state != SourceState::falseticker) return;
  }
  const base::SourceId wrong = first_followed.front();
  first_followed.clear();
  discipline.begin_anew();
  decisions.notes.push_back({NoteKind::start_was_wrong, wrong, 0, {}});
}

// Whom the first correction followed; nobody any more once others say the same.
void Timekeeper::State::bear_out_start(const Selection& selection, bool first) {
  if (!first && first_followed.empty()) return;
  std::vector<base::SourceId> followed;
  for (const Verdict& v : selection.verdicts)
    if (v.state == SourceState::selected || v.state == SourceState::combined) followed.push_back(v.source);
  if (first) {
    first_followed = followed;
    return;
  }
  const auto is_new = [this](base::SourceId id) {
    return std::ranges::find(first_followed, id) == first_followed.end();
  };
  if (std::ranges::any_of(followed, is_new)) first_followed.clear();
}

void Timekeeper::State::run(std::optional<base::SourceId> updated, const base::Now& now,
                            Decisions& decisions) {
  const LocalTime now_local = timescale.local(now.real);
  std::vector<Candidate> candidates;
  candidates.reserve(sources.size());
  for (const auto& [id, source] : sources) candidates.push_back(candidate(source, now_local, now));
  std::erase_if(awaited, [&now](const auto& one) { return one.second <= now.mono; });
  const SelectionContext context{
      settings.selection, selected, updated, !awaited.empty(), settings.clock.max_clock_error.ratio(),
      orphan_stratum()};
  const Selection selection = select(candidates, context);
  note_waiting(selection, now);
  note_changes(selection, decisions);
  if (updated) note_limits(selection, *updated, decisions);
  doubt_start(selection, decisions);
  verdicts = selection.verdicts;
  for (const Verdict& v : verdicts) sources.at(v.source).score = v.evidence.score;
  follow(selection);
  if (selected && sources.at(*selected).fresh > 0) update_clock(selection, now, decisions);
  if (updated) advise(sources.at(*updated));
  if (!selected) fall_back(now, decisions);
}

// Nothing corrects the clock any more: the longer that lasts, the longer the average that it runs by.
void Timekeeper::State::fall_back(const base::Now& now, Decisions& decisions) {
  if (!last_update || discipline.frozen()) return;
  const auto frequency = fallback.fall_back(base::to_seconds(now.mono - *last_update));
  if (!frequency) return;
  discipline.run_at(*frequency, timescale.local(now.real), timescale, decisions);
  decisions.notes.push_back({NoteKind::fallback_drift, {}, base::ppm_of_ratio(*frequency).value, {}});
}

// Who serves its own time as an orphan takes others of that stratum for its like.
std::optional<int> Timekeeper::State::orphan_stratum() const {
  if (!settings.local || !settings.local->orphan || settings.set_once) return std::nullopt;
  return settings.local->stratum.value;
}

Timekeeper::Timekeeper(TimekeeperSettings settings) : state_(std::make_unique<State>(std::move(settings))) {}
Timekeeper::~Timekeeper() = default;
Timekeeper::Timekeeper(Timekeeper&&) noexcept = default;
Timekeeper& Timekeeper::operator=(Timekeeper&&) noexcept = default;

void Timekeeper::add(const SourceTraits& traits) {
  const EstimatorLimits limits = limits_of(traits.source, state_->settings);
  state_->joint.watch(traits.id, static_cast<std::size_t>(limits.max_samples),
                      std::max(traits.source.min_delay, base::Seconds{}), traits.source.asymmetry);
  TrackedSource source;
  source.traits = traits;
  source.address_id = reference_id_of(traits.address);
  source.estimator = make_regression(limits);
  state_->sources.insert_or_assign(traits.id, std::move(source));
}

void Timekeeper::remove(base::SourceId id) {
  state_->sources.erase(id);
  state_->joint.forget(id);
  std::erase_if(state_->verdicts, [id](const Verdict& v) { return v.source == id; });
  if (state_->selected == id) state_->selected.reset();
}

void Timekeeper::set_address(base::SourceId id, const base::IpAddress& address) {
  const auto found = state_->sources.find(id);
  if (found == state_->sources.end() || found->second.traits.address == address) return;
  // Another server: nothing measured of the former one holds.
  SourceTraits traits = found->second.traits;
  traits.address = address;
  add(traits);
}

void Timekeeper::State::take_step(const ClockChanged& change, const base::Now& now, Decisions& decisions) {
  if (const auto made = leap.stepped(change.at, change.stepped)) return make_leap(*made, now, decisions);
  timescale.change(change.at, change.rate, change.stepped);
  discipline.stepped();
  // A reference time in the future would make our answers look bogus.
  reference.time += change.stepped;
  decisions.notes.push_back({NoteKind::clock_stepped, {}, base::to_seconds(change.stepped).count(), {}});
}

void Timekeeper::set_provisional(base::SourceId id, bool provisional) {
  const auto found = state_->sources.find(id);
  if (found == state_->sources.end() || found->second.traits.provisional == provisional) return;
  SourceTraits traits = found->second.traits;
  traits.provisional = provisional;
  add(traits);
}

// The one clock may be across the leap second and the other not.
bool Timekeeper::State::is_near_leap(const Sample& sample) const {
  return leap.is_near(sample.time) || leap.is_near(sample.time + base::to_duration(sample.offset));
}

Decisions Timekeeper::update(base::SourceId id, const SourceStatus& status,
                             const std::optional<Sample>& sample, const base::Now& now) {
  Decisions decisions;
  state_->begin(now, decisions);
  const auto found = state_->sources.find(id);
  if (found == state_->sources.end()) return decisions;
  TrackedSource& source = found->second;
  SourceStatus before = std::exchange(source.status, status);
  const bool counts = sample && !state_->is_near_leap(*sample);
  if (counts) {
    state_->doubt_history(source, *sample, decisions);
    state_->observe(source, *sample);
  }
  // Once somebody is selected nobody is waited for.
  if (state_->selected) before.awaited_until = status.awaited_until;
  if (counts || before != status) state_->run(counts ? std::optional{id} : std::nullopt, now, decisions);
  return decisions;
}

void Timekeeper::await(base::SourceId id, std::optional<base::MonoTime> until) {
  if (until)
    state_->awaited[id] = *until;
  else
    state_->awaited.erase(id);
}

void Timekeeper::reconfigure(base::SourceId id, const config::Source& source) {
  const auto found = state_->sources.find(id);
  if (found != state_->sources.end()) found->second.traits.source = source;
}

Decisions Timekeeper::on_tick(const base::Now& now) {
  Decisions decisions;
  state_->begin(now, decisions);
  if (state_->announce_leap(now, decisions)) state_->report_status(now, decisions);
  state_->run(std::nullopt, now, decisions);
  return decisions;
}

Decisions Timekeeper::on_clock_changed(const ClockChanged& change, const base::Now& now) {
  Decisions decisions;
  state_->start(now, decisions);
  if (change.stepped != base::Duration{}) {
    state_->take_step(change, now, decisions);
    return decisions;
  }
  // Around a leap second the order of readings is not that of events.
  const bool change_first = change.at > now.real || state_->leap.is_before(change.at);
  if (!change_first) state_->attend_leap(now, decisions);
  state_->timescale.change(change.at, change.rate, {});
  if (change_first) state_->attend_leap(now, decisions);
  if (state_->settings.set_once)
    state_->discipline.correct_again(change.rate, state_->timescale.local(change.at), state_->timescale,
                                     decisions);
  return decisions;
}

Decisions Timekeeper::on_clock_jumped(base::Duration jump, const base::Now& now, base::Duration asleep) {
  Decisions decisions;
  state_->begin(now, decisions);
  state_->leap.forget();
  if (state_->smoothing && state_->smoothing->active())
    state_->smoothing->reset(state_->timescale.local(now.real));
  state_->timescale.change(now.real, state_->timescale.rate(), jump);
  state_->discipline.stepped();
  state_->discipline.slept(asleep);
  state_->reference.time += jump;
  state_->drop_samples();
  state_->manual.clear();
  state_->joint.lose_offset(base::to_seconds(std::max(std::chrono::abs(jump), asleep)));
  // A slew under way had another clock in mind.
  if (state_->settings.steer) decisions.commands.emplace_back(state_->discipline.plain_rate());
  const bool slept = asleep != base::Duration{};
  decisions.notes.push_back({slept ? NoteKind::machine_slept : NoteKind::clock_jumped,
                             {},
                             base::to_seconds(slept ? asleep : jump).count(),
                             {}});
  if (!slept) return decisions;
  state_->selected.reset();  // that nobody can be selected for a moment is no trouble
  state_->begin_anew(now, decisions);
  return decisions;
}

std::span<const Verdict> Timekeeper::verdicts() const {
  return state_->verdicts;
}

PollAdvice Timekeeper::poll_advice(base::SourceId id) const {
  const auto found = state_->sources.find(id);
  return found == state_->sources.end() ? PollAdvice{} : found->second.advice;
}

DriftFile Timekeeper::drift() const {
  return {fast(state_->discipline.frequency()), base::ppm_of_ratio(state_->discipline.skew())};
}

SourceStatus status_of(const AssociationReport& report) {
  constexpr std::uint32_t often = 8;
  return {report.reach, report.unreachable_too_long, report.awaited_until, report.ntp.total_tx >= often};
}

int Timekeeper::updates() const {
  return state_->discipline.updates();
}

}  // namespace gnomon::engine
