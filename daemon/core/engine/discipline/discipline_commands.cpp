// SPDX-License-Identifier: GPL-2.0-or-later
// What the discipline does without a measurement: by order of an operator, or to finish what was begun.
#include <algorithm>
#include <cmath>
#include <utility>

#include "daemon/core/engine/discipline/discipline.hpp"

namespace gnomon::engine {

void Discipline::hold_for_true(base::Duration theta, LocalTime at) {
  theta_ = theta;
  last_update_ = at;
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

void Discipline::allow_steps(const config::MakeStep& make_step) {
  settings_.clock.make_step = make_step;
  settings_.no_start_adjustments = false;
  if (make_step.limit > 0) settings_.clock.make_step->limit += updates_ - began_at_;
}

void Discipline::run_at(double frequency, LocalTime now, const Timescale& timescale, Decisions& decisions) {
  const double limit = largest_frequency(settings_.clock);
  if (const auto held = theta_at(now)) hold_for_true(*held, now);
  frequency_ = std::clamp(frequency, -limit, limit);
  slew_rest(now, timescale, decisions);
}

void Discipline::add_frequency(double faster, LocalTime now, const Timescale& timescale,
                               Decisions& decisions) {
  run_at(frequency_ - faster, now, timescale, decisions);
}

void Discipline::add_offset(base::Seconds ahead, LocalTime now, const Timescale& timescale,
                            Decisions& decisions) {
  // In seconds: an offset beyond all measure ends at the largest duration there is.
  const base::Seconds held = base::to_seconds(theta_at(now).value_or(timescale.ahead(now)));
  hold_for_true(base::to_duration(held - ahead), now);
  slew_rest(now, timescale, decisions);
}

void Discipline::begin_anew() {
  if (!std::exchange(began_anew_, true)) began_at_ = updates_;
}

bool Discipline::thaw() {
  refusals_ = 0;
  return std::exchange(frozen_, false);
}

}  // namespace gnomon::engine
