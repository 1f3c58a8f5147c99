// SPDX-License-Identifier: GPL-2.0-or-later
// What the discipline does without a measurement: by an operator's command, or to finish what was begun.
#include <algorithm>
#include <cmath>
#include <utility>

#include "daemon/core/engine/discipline/discipline.hpp"

namespace gnomon::engine {

namespace {

constexpr double longest_correction = 16;  // s; what is more is another time

}  // namespace

void Discipline::set_reference_theta(base::Duration theta, LocalTime at, const Timescale& timescale) {
  const base::Seconds by = base::to_seconds(theta) - base::to_seconds(reference_theta(at, timescale));
  if (std::fabs(by.count()) > longest_correction)
    ++breaks_;
  else
    corrected_ += theta - reference_theta(at, timescale);
  theta_ = theta;
  last_update_ = at;
}

void Discipline::step_rest(LocalTime now, const Timescale& timescale, Decisions& decisions) {
  const base::Seconds rest = remaining(now, timescale);
  if (rest != base::Seconds{0}) command_step(rest, now, decisions);
}

void Discipline::slew_rest(LocalTime now, const Timescale& timescale, Decisions& decisions) {
  if (!settings_.steer || frozen_) return;
  constexpr base::Seconds as_fast_as_may_be{};
  decisions.commands.emplace_back(slew(remaining(now, timescale), as_fast_as_may_be, {}));
}

void Discipline::correct_again(double rate, LocalTime now, const Timescale& timescale, Decisions& decisions) {
  constexpr double kernel_resolution = 1e-6;
  if (std::fabs(rate - frequency_) > kernel_resolution) return;  // the slew has only just begun
  const base::Seconds rest = remaining(now, timescale);
  if (step_commanded_at_) return;  // it corrects; the rate before it was only cleared for it
  if (updates_ == 0 || corrected_again_ || std::fabs(rest.count()) <= error_.count()) return;
  corrected_again_ = true;
  slew_rest(now, timescale, decisions);
}

void Discipline::run_at(double frequency, LocalTime now, const Timescale& timescale, Decisions& decisions) {
  const double limit = largest_frequency(settings_.clock);
  if (const auto theta = theta_at(now)) set_reference_theta(*theta, now, timescale);
  frequency_ = std::clamp(frequency, -limit, limit);
  slew_rest(now, timescale, decisions);
}

void Discipline::begin_again() {
  if (!std::exchange(began_again_, true)) began_at_ = updates_;
}

Discipline::Applied Discipline::apply(const CorrectNow&, LocalTime now, const Timescale& timescale,
                                      Decisions& decisions) {
  if (!settings_.steer)
    return std::unexpected("This daemon does not touch the clock (-x): nothing was corrected.");
  refusals_ = 0;
  if (std::exchange(frozen_, false)) decisions.notes.push_back({note::SteeringResumed{}});
  step_rest(now, timescale, decisions);
  return {};
}

Discipline::Applied Discipline::apply(const AllowSteps& command, LocalTime, const Timescale&, Decisions&) {
  auto& make_step = settings_.clock.make_step.emplace(command.make_step);
  settings_.no_start_adjustments = false;
  if (make_step.limit > 0) make_step.limit += updates_ - began_at_;  // counted from now
  return {};
}

Discipline::Applied Discipline::apply(const LimitUpdateSkew& command, LocalTime, const Timescale&,
                                      Decisions&) {
  settings_.clock.max_update_skew = command.limit;
  return {};
}

Discipline::Applied Discipline::apply(const AddFrequency& command, LocalTime now, const Timescale& timescale,
                                      Decisions& decisions) {
  run_at(frequency_ - command.faster.ratio(), now, timescale, decisions);
  return {};
}

Discipline::Applied Discipline::apply(const AddOffset& command, LocalTime now, const Timescale& timescale,
                                      Decisions& decisions) {
  // In seconds: an offset beyond all measure ends at the largest duration there is.
  const base::Seconds before = base::to_seconds(reference_theta(now, timescale));
  set_reference_theta(base::to_duration(before - command.ahead), now, timescale);
  slew_rest(now, timescale, decisions);
  return {};
}

}  // namespace gnomon::engine
