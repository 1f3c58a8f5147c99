// SPDX-License-Identifier: GPL-2.0-or-later
// What an operator orders while the timekeeper runs: corrections at once, limits, the local reference, times
// entered by hand.
#include <chrono>

#include "daemon/core/engine/discipline/timekeeper_state.hpp"

namespace gnomon::engine {

namespace {

using Applied = std::expected<void, std::string>;

}  // namespace

// One order: the state, the moment, and where the decisions go.
struct Timekeeper::State::Apply {
  State& state;
  const base::Now& now;
  Decisions& decisions;

  [[nodiscard]] LocalTime local() const { return state.timescale.local(now.real); }

  Applied operator()(const CorrectNow&) {
    if (!state.settings.steer)
      return std::unexpected("This daemon does not touch the clock (-x): nothing was corrected.");
    if (state.discipline.thaw()) decisions.notes.push_back({.kind = NoteKind::steering_resumed});
    state.discipline.step_rest(local(), state.timescale, decisions);
    return {};
  }
  Applied operator()(const AllowSteps& order) {
    state.discipline.allow_steps(order.make_step);
    return {};
  }
  Applied operator()(const LimitUpdateSkew& order) {
    state.discipline.limit_update_skew(order.limit);
    return {};
  }
  Applied operator()(const SelectAnew&) {
    state.selected.reset();
    for (auto& [id, source] : state.sources) source.score = 1;
    state.run(std::nullopt, now, decisions);
    return {};
  }
  Applied operator()(const SetReselectDistance& order) {
    state.settings.selection.reselect_distance = order.distance;
    return {};
  }
  Applied operator()(const ServeLocal& order) {
    state.settings.local = order.local;
    state.local_activated = false;
    state.activate_local(now);
    state.run(std::nullopt, now, decisions);
    return {};
  }
  Applied operator()(const AddFrequency& order) {
    state.discipline.add_frequency(order.faster.ratio(), local(), state.timescale, decisions);
    return {};
  }
  Applied operator()(const AddOffset& order) {
    state.discipline.add_offset(order.ahead, local(), state.timescale, decisions);
    return {};
  }
  Applied operator()(const AcceptManual& order) {
    state.settings.manual = order.accept;
    return {};
  }
  Applied operator()(const ForgetManual&) {
    state.manual.clear();
    return {};
  }
  Applied operator()(const DeleteManual& order) {
    if (state.manual.erase(order.index)) return {};
    return std::unexpected("There is no entry of that number; see `gnomonctl manual list`.");
  }
};

std::expected<Decisions, std::string> Timekeeper::apply(const OperatorCommand& order, const base::Now& now) {
  Decisions decisions;
  state_->begin(now, decisions);
  const auto applied = std::visit(State::Apply{*state_, now, decisions}, order);
  if (!applied) return std::unexpected(applied.error());
  return decisions;
}

std::expected<ManualResult, std::string> Timekeeper::enter_time(base::RealTime time, const base::Now& now) {
  using namespace std::chrono_literals;
  State& s = *state_;
  if (!s.settings.manual)
    return std::unexpected(
        "Times are not taken by hand: put `manual` into the configuration, or order `gnomonctl manual on`.");
  ManualResult result;
  s.begin(now, result.decisions);
  const LocalTime local = s.timescale.local(now.real);
  if (!s.manual.entries().empty() && local - s.manual.entries().back().at < 1s)
    return std::unexpected("The entry before was less than a second ago: wait a moment.");
  const base::Duration ahead = now.real - time;
  s.manual.add({now.real, local, s.timescale.ahead(local) - ahead, base::to_seconds(ahead)});
  const double before = s.discipline.frequency();
  const auto combined = s.manual.combined(local, before);
  if (!combined || !s.discipline.update(*combined, s.timescale, result.decisions)) {
    s.manual.erase(s.manual.entries().size() - 1);
    return std::unexpected(
        "It was not taken: the correction exceeds maxchange, steering is frozen, or a step is under way; the "
        "log says which.");
  }
  result.outcome = {-base::to_seconds(combined->theta - s.timescale.ahead(local)),
                    fast(s.discipline.frequency() - before), fast(s.discipline.frequency())};
  return result;
}

std::vector<ManualEntry> Timekeeper::manual_entries() const {
  const State& s = *state_;
  std::vector<ManualEntry> list;
  const auto line = s.manual.estimate();
  if (!line) return list;
  for (const auto& entry : s.manual.entries()) {
    const auto reference_theta = s.discipline.theta_at(entry.at).value_or(s.timescale.ahead(entry.at));
    const auto fitted =
        line->theta + base::to_duration(base::to_seconds(entry.at - line->at) * line->frequency);
    list.push_back({entry.time, base::to_seconds(reference_theta - entry.theta), entry.original,
                    base::to_seconds(fitted - entry.theta)});
  }
  return list;
}

// The budget of the clock helper allows no step: then the clock is slewed, as fast as may be.
Decisions Timekeeper::on_step_refused(const base::Now& now) {
  Decisions decisions;
  state_->begin(now, decisions);
  state_->discipline.stepped();
  state_->discipline.slew_rest(state_->timescale.local(now.real), state_->timescale, decisions);
  return decisions;
}

}  // namespace gnomon::engine
