// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/measurements/measurement_recorder.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gnomon::core {

namespace {

engine::SourceState state_of(std::span<const engine::Verdict> verdicts, base::SourceId id) {
  const auto found = std::ranges::find(verdicts, id, &engine::Verdict::source);
  return found == verdicts.end() ? engine::SourceState::unselectable : found->state;
}

// Of several rates the last one is in force.
void add_command(const engine::ClockCommand& command, RecordedClock& clock) {
  if (const auto* const step = std::get_if<engine::StepClock>(&command))
    clock.step = clock.step.value_or(base::Seconds{}) + base::to_seconds(step->offset);
  if (const auto* const rate = std::get_if<engine::SetRate>(&command)) {
    clock.slew = rate->slew;
    clock.slew_duration = base::to_seconds(rate->duration);
  }
}

}  // namespace

MeasurementRecorder::MeasurementRecorder(MeasurementLog& log, Settings settings)
    : log_(log), settings_(std::move(settings)) {
  log_.record(RecordedStart{});
}

void MeasurementRecorder::take(const ClockEvents& events, std::span<const engine::Verdict> verdicts) {
  for (const auto& command : events.commands)
    if (!std::holds_alternative<engine::ReportStatus>(command)) commands_.push_back(command);
  if (events.decided) record_selection(verdicts);
  if (!events.measured) return;
  const auto& measured = *events.measured;
  const auto endpoint = settings_.endpoint(measured.source);
  if (!endpoint) return;
  log_.record(RecordedMeasurement{.source = describe(measured.source, *endpoint),
                                  .offset = -measured.offset,
                                  .delay = measured.delay,
                                  .error = measured.error,
                                  .stratum = measured.stratum,
                                  .used = measured.used,
                                  .state = state_of(verdicts, measured.source)});
}

void MeasurementRecorder::look(const engine::TrackingReport& tracking, int updates) {
  const bool updated = std::exchange(updates_, updates) != updates;
  const auto bound = engine::error_bound(tracking);
  const bool changed = std::exchange(synchronised_, bound.has_value()) != bound.has_value();
  if (!updated && !changed && commands_.empty()) return;
  RecordedClock clock{
      .updated = updated,
      .offset = tracking.last_offset,
      .remaining = tracking.system_time,
      .error_bound = bound,
      .growth = tracking.skew.ratio() + std::fabs(tracking.residual_frequency.ratio()) + settings_.wander,
      .frequency = tracking.frequency,
      .skew = tracking.skew};
  for (const auto& command : commands_) add_command(command, clock);
  commands_.clear();
  log_.record(clock);
}

RecordedSource MeasurementRecorder::describe(base::SourceId id, const base::Endpoint& endpoint) const {
  const auto known = std::ranges::find(known_, id, &Known::id);
  if (known != known_.end() && known->source.address == endpoint.address) return known->source;
  return {.name = settings_.name(id), .address = endpoint.address, .port = endpoint.port};
}

void MeasurementRecorder::record_selection(std::span<const engine::Verdict> verdicts) {
  for (auto& known : known_) known.present = false;
  for (const auto& verdict : verdicts)
    if (const auto endpoint = settings_.endpoint(verdict.source)) record_state(verdict, *endpoint);
  for (const auto& known : known_)
    if (!known.present) record_end(known);
  std::erase_if(known_, [](const Known& known) { return !known.present; });
}

void MeasurementRecorder::record_state(const engine::Verdict& verdict, const base::Endpoint& endpoint) {
  auto known = std::ranges::find(known_, verdict.source, &Known::id);
  const bool is_same = known != known_.end() && known->source.address == endpoint.address;
  if (is_same) known->present = true;
  if (is_same && known->state == verdict.state) return;
  if (known != known_.end() && !is_same) {
    record_end(*known);
    known->source = describe(verdict.source, endpoint);
  }
  if (known == known_.end())
    known = known_.insert(
        known, {.id = verdict.source, .source = describe(verdict.source, endpoint), .state = verdict.state});
  known->state = verdict.state;
  known->present = true;
  log_.record(RecordedSelection{.source = known->source, .state = verdict.state, .reason = verdict.reason});
}

void MeasurementRecorder::record_end(const Known& known) {
  log_.record(RecordedSelection{.source = known.source, .state = std::nullopt});
}

}  // namespace gnomon::core
