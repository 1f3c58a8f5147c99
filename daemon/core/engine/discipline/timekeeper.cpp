// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/timekeeper.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/overloaded.hpp"
#include "daemon/core/engine/discipline/history.hpp"

namespace gnomon::engine {

namespace {

// How often it is asked whether another average is to be fallen back to.
constexpr base::Duration fall_back_interval = std::chrono::seconds{16};
constexpr double worth_saving = 100e-6;  // skew up to which a frequency is better than none, s/s

bool steps(const Decisions& decisions) {
  return std::ranges::any_of(decisions.commands, [](const ClockCommand& command) {
    return std::holds_alternative<StepClock>(command);
  });
}

}  // namespace

Timekeeper::Timekeeper(TimekeeperSettings settings)
    : settings_(std::move(settings)),
      sources_(settings_),
      manual_(settings_.manual),
      discipline_(discipline_settings(settings_)),
      fallback_(settings_.clock.fallback_drift),
      leap_(settings_.clock.leap_second_mode, settings_.steer),
      epoch_(settings_.epoch),
      local_(settings_.local) {
  if (settings_.smooth_time) smoothing_.emplace(*settings_.smooth_time);
  if (settings_.records) recorder_.emplace();
}

void Timekeeper::retune(const Tuning& before, const Tuning& now) {
  engine::retune(settings_, before, now);
  sources_.retune(before, now);
  discipline_.retune([&](config::ClockSettings& clock) { engine::retune(clock, before, now); },
                     settings_.log_change);
  if (settings_.records && !recorder_) recorder_.emplace();
}

// --- events

void Timekeeper::start(const base::Now& now, Decisions& decisions) {
  if (started_) return;
  timescale_ = Timescale(now.real, settings_.initial_rate);
  started_ = now;
  record_lost_reference(now, decisions.records);
  if (!settings_.drift) return;
  const auto& [frequency, skew] = *settings_.drift;
  const auto& clock = settings_.clock;
  decisions.notes.push_back({note::FrequencyRead{frequency, skew, clock.drift_file}});
  if (std::fabs(frequency.value) > clock.max_drift.value)
    decisions.notes.push_back({note::FrequencyClamped{frequency, clock.max_drift, clock.drift_file}});
  if (settings_.steer && !settings_.set_once) decisions.commands.emplace_back(discipline_.plain_rate());
}

void Timekeeper::begin(const base::Now& now, Decisions& decisions) {
  start(now, decisions);
  look_for_leap(now, decisions);
}

Decisions Timekeeper::update(base::SourceId id, const SourceStatus& status,
                             const std::optional<Sample>& sample, const base::Now& now) {
  Decisions decisions;
  begin(now, decisions);
  if (sources_.find(id) == nullptr) return decisions;
  const bool counts = sample && !is_leap_near(sample->time, sample->offset);
  const bool changed = sources_.set_status(id, status);
  if (sample && sample->source_moved != base::Seconds{0}) sources_.move(id, sample->source_moved);
  if (counts) doubt_leap(id, *sample, now);
  if (counts) observe(id, *sample, decisions);
  if (counts || changed) select(counts ? std::optional{id} : std::nullopt, now, decisions);
  return decisions;
}

void Timekeeper::observe(base::SourceId id, const Sample& sample, Decisions& decisions) {
  const auto before = sources_.find(id)->record.estimate();
  if (auto note = sources_.observe(id, sample, timescale_, discipline_.frequency()))
    decisions.notes.push_back(std::move(*note));
  record_statistics(id, before, decisions);
}

Decisions Timekeeper::on_tick(const base::Now& now) {
  Decisions decisions;
  begin(now, decisions);
  if (announce_leap(now, decisions)) report_status(now, decisions);
  select(std::nullopt, now, decisions);
  return decisions;
}

Decisions Timekeeper::on_clock_changed(const ClockChanged& change, const base::Now& now) {
  Decisions decisions;
  start(now, decisions);
  if (change.stepped != base::Duration{}) {
    take_step(change, now, decisions);
    return decisions;
  }
  // Around a leap second the order of readings is not that of events.
  const bool change_first = change.at > now.real || leap_.is_before(change.at);
  if (!change_first) look_for_leap(now, decisions);
  timescale_.change(change.at, change.rate, {});
  if (change_first) look_for_leap(now, decisions);
  if (settings_.set_once)
    discipline_.correct_again(change.rate, timescale_.local(change.at), timescale_, decisions);
  return decisions;
}

void Timekeeper::take_step(const ClockChanged& change, const base::Now& now, Decisions& decisions) {
  if (const auto made = leap_.stepped(change.at, change.stepped)) return make_leap(*made, now, decisions);
  timescale_.change(change.at, change.rate, change.stepped);
  discipline_.stepped();
  // A reference time in the future would make our answers look bogus.
  if (reference_) reference_->time += change.stepped;
  decisions.notes.push_back({note::ClockStepped{base::to_seconds(change.stepped)}});
}

// The budget of the clock helper allows no step: then the clock is slewed, as fast as may be.
Decisions Timekeeper::on_step_refused(const base::Now& now) {
  Decisions decisions;
  begin(now, decisions);
  discipline_.stepped();
  discipline_.slew_rest(local(now), timescale_, decisions);
  return decisions;
}

Decisions Timekeeper::on_clock_jumped(base::Duration jump, const base::Now& now, base::Duration asleep) {
  Decisions decisions;
  begin(now, decisions);
  leap_.forget();
  ++epoch_;
  static_cast<void>(reset_smoothing(now));
  timescale_.change(now.real, timescale_.rate(), jump);
  discipline_.jumped();
  discipline_.slept(asleep);
  if (reference_) reference_->time += jump;
  sources_.drop_samples(base::to_seconds(std::max(std::chrono::abs(jump), asleep)));
  sources_.forget_selected();  // that nobody can be selected for a moment is no trouble
  manual_.clear();
  // A slew under way had another clock in mind.
  if (settings_.steer) decisions.commands.emplace_back(discipline_.plain_rate());
  const bool slept = asleep != base::Duration{};
  if (!slept) {
    decisions.notes.push_back({note::ClockJumped{base::to_seconds(jump)}});
    return decisions;
  }
  decisions.notes.push_back({note::MachineSlept{base::to_seconds(asleep)}});
  begin_again(now, decisions);
  return decisions;
}

Decisions Timekeeper::reset(const base::Now& now) {
  Decisions decisions;
  begin(now, decisions);
  sources_.drop_samples(base::Seconds{0});
  begin_again(now, decisions);
  return decisions;
}

void Timekeeper::begin_again(const base::Now& now, Decisions& decisions) {
  if (reference_) record_lost_reference(now, decisions.records);
  reference_.reset();
  select(std::nullopt, now, decisions);
  report_status(now, decisions);
}

// --- selection and clock update

void Timekeeper::select(std::optional<base::SourceId> updated, const base::Now& now, Decisions& decisions) {
  const LocalTime at = local(now);
  const ClockMoment clock{.now = now,
                          .local = at,
                          .ahead = timescale_.ahead(at),
                          .frequency = discipline_.frequency(),
                          .skew = discipline_.skew(),
                          .wander = settings_.clock.max_clock_error.ratio()};
  const auto* const before = sources_.selected();
  const auto orphans = settings_.set_once ? std::nullopt : local_.orphan_stratum();
  for (auto& note : sources_.select(updated, clock, orphans)) decisions.notes.push_back(std::move(note));
  const TrackedSource* selected = sources_.selected();
  if (updated || selected != before) record_selection(now, decisions);
  if (updated && sources_.is_bad(*updated)) decisions.to_replace = updated;
  if (selected != nullptr) doubt_start(decisions);
  if (selected != nullptr && selected->fresh > 0) update_clock(now, decisions);
  if (updated) sources_.advise(*updated, started_.value_or(now).mono, discipline_.skew());
  if (selected == nullptr) fall_back(now, decisions);
}

// The clock was set by sources of which most of all now say that they are wrong: it may be stepped as at the
// start.
void Timekeeper::doubt_start(Decisions& decisions) {
  const auto wrong = first_correction_.refuted(sources_.verdicts());
  if (!wrong) return;
  discipline_.begin_again();
  decisions.notes.push_back({note::StartWasWrong{}, *wrong});
}

void Timekeeper::update_clock(const base::Now& now, Decisions& decisions) {
  if (settings_.set_once && discipline_.updates() > 0) return;
  const auto combined = sources_.combined(local(now));
  if (!combined) return;
  if (!std::exchange(offset_reported_, true))
    decisions.measured_offset = base::to_seconds(combined->theta - timescale_.ahead(combined->at));
  sources_.use_samples();
  const bool was_frozen = discipline_.frozen();
  const double frequency_before = discipline_.frequency();
  look_for_record(now);
  const bool initial = discipline_.awaits_initial();
  const bool updated = discipline_.update(*combined, timescale_, decisions);
  if (updated && initial) return;
  if (updated)
    on_updated(*combined, frequency_before, now, decisions);
  else if (discipline_.frozen() && !was_frozen)
    freeze(now, decisions);
}

void Timekeeper::on_updated(const Combined& combined, double frequency_before, const base::Now& now,
                            Decisions& decisions) {
  first_correction_.corrected(sources_.verdicts(), discipline_.updates() == 1);
  if (last_update_) fallback_.learn(discipline_.frequency(), base::to_seconds(now.mono - *last_update_));
  last_update_ = now.mono;
  reference_ = reference_of(*sources_.selected(), combined, sources_.leap(), now.real);
  if (smoothing_)
    smoothing_->on_update(combined.at, discipline_.last_correction(),
                          discipline_.frequency() - frequency_before, discipline_.skew(), steps(decisions));
  static_cast<void>(announce_leap(now, decisions));
  if (recorder_)
    decisions.records.emplace_back(
        recorder_->updated(*reference_, leap_.indicator(), combined, discipline_, now.real));
  look_at_local(now);
  report_status(now, decisions);
  decisions.drift_worth_saving = !settings_.set_once && discipline_.skew() <= worth_saving;
}

void Timekeeper::end_initial() {
  discipline_.end_initial();
  sources_.start_anew();
}

void Timekeeper::freeze(const base::Now& now, Decisions& decisions) {
  decisions.give_up = discipline_.exits_when_frozen();
  if (settings_.steer) decisions.commands.emplace_back(discipline_.plain_rate());  // no slew goes on
  if (!decisions.give_up) decisions.notes.push_back({note::SteeringFrozen{}});
  report_status(now, decisions);
}

// Nothing corrects the clock any more: the longer that lasts, the longer the average that it runs by.
void Timekeeper::fall_back(const base::Now& now, Decisions& decisions) {
  if (!last_update_ || discipline_.frozen()) return;
  const auto frequency = fallback_.fall_back(base::to_seconds(now.mono - *last_update_));
  if (!frequency) return;
  discipline_.run_at(*frequency, local(now), timescale_, decisions);
  decisions.notes.push_back({note::FallbackDrift{base::ppm_of_ratio(*frequency)}});
}

base::Seconds Timekeeper::remaining(const base::Now& now) const {
  return discipline_.remaining(local(now), timescale_);
}

// --- leap seconds

bool Timekeeper::announce_leap(const base::Now& now, Decisions& decisions) {
  // A clock that was never compared with anything may show any day.
  if (!reference_) return false;
  const base::RealTime utc = now.real + base::to_duration(remaining(now));
  auto announced = leap_.announce(reference_->leap, utc);
  if (!announced) return false;
  decisions.notes.push_back(std::move(*announced));
  return true;
}

void Timekeeper::look_for_leap(const base::Now& now, Decisions& decisions) {
  using Kind = LeapEvent::Kind;
  const LeapEvent event = leap_.look(now);
  switch (event.kind) {
    case Kind::none:
      return;
    case Kind::step_due:
      decisions.commands.emplace_back(StepClock{std::chrono::seconds{-event.seconds}});
      return;
    case Kind::over:
      // What most sources said was about this one.
      if (!reference_) return;
      reference_->leap = base::LeapIndicator::none;
      return report_status(now, decisions);
    default:
      return make_leap(event, now, decisions);
  }
}

void Timekeeper::make_leap(const LeapEvent& event, const base::Now& now, Decisions& decisions) {
  timescale_.leap(event.at, event.seconds, event.jump());
  ++epoch_;
  // UTC went back (or on) by a second: to those we serve it does so little by little.
  if (smoothing_) smoothing_->absorb(local(now), base::Seconds{-static_cast<double>(event.seconds)}, 0);
  if (event.kind == LeapEvent::Kind::slew_due) discipline_.slew_leap(local(now), timescale_, decisions);
  decisions.notes.push_back(leap_.made(event));
}

// A leap second that our clock has not made shows in the first measurement after it, unless the source has
// made none.
void Timekeeper::doubt_leap(base::SourceId id, const Sample& sample, const base::Now& now) {
  const auto followed = [id](const Verdict& v) { return v.source == id && v.steers(); };
  if (!leap_.is_shown_by(sample.time) || std::ranges::none_of(sources_.verdicts(), followed)) return;
  const base::Seconds expected = discipline_.remaining(timescale_.local(sample.time), timescale_);
  const auto untrue = leap_.take_measurement(sample.offset - expected);
  if (!untrue) return;
  timescale_.take_back_leap(untrue->at, untrue->seconds);
  ++epoch_;
  if (smoothing_) smoothing_->absorb(local(now), base::Seconds{static_cast<double>(untrue->seconds)}, 0);
}

base::Duration Timekeeper::tick_after(const base::Now& now) const {
  const bool falls_back = fallback_.used() && last_update_ && sources_.selected() == nullptr;
  base::Duration look = leap_.next_look(now.real);
  if (falls_back) look = std::min(look, fall_back_interval);
  const auto waits_until = sources_.waits_until();
  if (!waits_until) return look;
  constexpr base::Duration just_after = std::chrono::milliseconds{1};
  return std::clamp<base::Duration>(*waits_until - now.mono + just_after, just_after,
                                    std::max(look, just_after));
}

// --- an operator's commands

std::expected<Decisions, Refusal> Timekeeper::apply(const OperatorCommand& command, const base::Now& now) {
  using Applied = std::expected<void, Refusal>;
  Decisions decisions;
  begin(now, decisions);
  const auto select_again = [&]() -> Applied {
    select(std::nullopt, now, decisions);
    return {};
  };
  const auto applied =
      std::visit(base::Overloaded{
                     [&](const SelectAnew& c) {
                       sources_.apply(c);
                       return select_again();
                     },
                     [&](const SetReselectDistance& c) -> Applied {
                       sources_.apply(c);
                       return {};
                     },
                     [&](const ServeLocal& c) {
                       local_.apply(c);
                       look_at_local(now);
                       return select_again();
                     },
                     [&](const AcceptManual& c) { return manual_.apply(c); },
                     [&](const ForgetManual& c) { return manual_.apply(c); },
                     [&](const DeleteManual& c) { return manual_.apply(c); },
                     [&](const auto& c) { return discipline_.apply(c, local(now), timescale_, decisions); }},
                 command);
  if (!applied) return std::unexpected(applied.error());
  return decisions;
}

std::expected<ManualResult, Refusal> Timekeeper::enter_time(base::RealTime time, const base::Now& now) {
  if (const auto ready = manual_.ready(); !ready) return std::unexpected(ready.error());
  ManualResult result;
  begin(now, result.decisions);
  const LocalTime at = local(now);
  const base::Duration ahead = now.real - time;
  const auto added = manual_.add({now.real, at, timescale_.ahead(at) - ahead, base::to_seconds(ahead)});
  if (!added) return std::unexpected(added.error());
  const double before = discipline_.frequency();
  const auto combined = manual_.combined(at, before);
  look_for_record(now);
  if (!combined || !discipline_.update(*combined, timescale_, result.decisions)) {
    manual_.withdraw();
    return std::unexpected(
        "The time was not accepted: the correction exceeds maxchange, steering is frozen, or a step is in "
        "progress; the log says which.");
  }
  // Nothing measures how far it is off: what the operator says is corrected at once, not by and by.
  if (!steps(result.decisions)) discipline_.slew_rest(at, timescale_, result.decisions);
  if (recorder_) result.decisions.records.emplace_back(recorder_->entered(*combined, discipline_, now.real));
  // chrony's signs: positive, our clock is fast.
  result.outcome = {.offset = -base::to_seconds(combined->theta - timescale_.ahead(at)),
                    .frequency_change = base::ppm_of_ratio(before - discipline_.frequency()),
                    .frequency = base::ppm_of_ratio(-discipline_.frequency())};
  return result;
}

bool Timekeeper::activate_smoothing(const base::Now& now) {
  if (!smoothing_) return false;
  smoothing_->activate(local(now));
  return true;
}

bool Timekeeper::reset_smoothing(const base::Now& now) {
  if (!smoothing_) return false;
  if (smoothing_->active()) smoothing_->reset(local(now));
  return true;
}

// --- what is kept over a restart, and told of the sources

std::optional<Dump> Timekeeper::history(base::SourceId id, const base::Now& now) const {
  const TrackedSource* source = sources_.find(id);
  if (source == nullptr || source->record.kept().empty()) return std::nullopt;
  // A slew under way ends with the daemon; the frequency stays.
  const double rate = settings_.steer ? discipline_.frequency() : settings_.initial_rate;
  const LocalTime end = local(now);
  return dump_of(source->traits, source->status.reach, source->record,
                 {now.real, end, timescale_.ahead(end), rate});
}

std::vector<std::pair<SourceTraits, Dump>> Timekeeper::histories(const base::Now& now) const {
  std::vector<std::pair<SourceTraits, Dump>> histories;
  for (const auto& [id, source] : sources_.all())
    if (auto dump = history(id, now)) histories.emplace_back(source.traits, std::move(*dump));
  return histories;
}

Decisions Timekeeper::restore(base::SourceId id, const Dump& dump, const base::Now& now) {
  Decisions decisions;
  begin(now, decisions);
  if (sources_.find(id) == nullptr) return decisions;
  const double rate =
      settings_.drift && settings_.steer ? first_frequency(settings_) : settings_.initial_rate;
  const base::Now start = started_.value_or(now);
  sources_.restore(id, dump, {start.real, start.mono, rate});
  return decisions;
}

void Timekeeper::look_at_local(const base::Now& now) {
  if (reference_) local_.look(reference_->root_distance(dispersion(now)));
}

void Timekeeper::report_status(const base::Now& now, Decisions& decisions) const {
  if (!settings_.steer) return;
  const base::RealTime utc = now.real + base::to_duration(remaining(now));
  const std::int16_t tai_offset = leap_.tai_offset(utc).value_or(0);
  decisions.commands.emplace_back(kernel_status(sync_state(now), leap_.armed(), tai_offset));
}

std::optional<PollAdvice> Timekeeper::poll_advice(base::SourceId id) const {
  const TrackedSource* source = sources_.find(id);
  return source == nullptr ? std::nullopt : source->advice;
}

const SourceTraits* Timekeeper::traits(base::SourceId id) const {
  const TrackedSource* const source = sources_.find(id);
  return source == nullptr ? nullptr : &source->traits;
}

DriftFile Timekeeper::drift() const {
  return {base::ppm_of_ratio(-discipline_.frequency()), base::ppm_of_ratio(discipline_.skew())};
}

}  // namespace gnomon::engine
