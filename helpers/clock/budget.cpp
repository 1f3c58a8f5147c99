// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/budget.hpp"

#include <cmath>
#include <limits>

namespace gnomon::clock {

namespace {

using ipc::ClockRefusal;

// Rates are compared in the unit they travel in, so that the limit itself is always allowed.
bool within(const ipc::Rate& rate, double limit_ppm) {
  return static_cast<double>(std::abs(rate.per_trillion)) <= std::ceil(limit_ppm * 1e6);
}

double ppm(const ipc::Rate& rate) {
  return rate.ratio() * 1e6;
}

void count(std::int32_t& counter) {
  if (counter < std::numeric_limits<std::int32_t>::max()) ++counter;
}

}  // namespace

std::expected<void, Refusal> Budget::check(const ipc::Adjust& request) const {
  if (!within(request.frequency, limits_.max_drift_ppm))
    return std::unexpected(
        Refusal{ClockRefusal::over_drift, ppm(request.frequency), limits_.max_drift_ppm, "maxdrift", "ppm"});
  if (!within(request.slew, limits_.max_slew_rate_ppm))
    return std::unexpected(Refusal{ClockRefusal::over_slew_rate, ppm(request.slew), limits_.max_slew_rate_ppm,
                                   "maxslewrate", "ppm"});
  return check_change(request.slew.ratio() * base::to_seconds(request.duration).count());
}

std::expected<void, Refusal> Budget::check(const ipc::Step& request) const {
  const double offset = base::to_seconds(request.offset).count();
  if (limits_.step_limit >= 0 && steps_ >= limits_.step_limit)
    return std::unexpected(Refusal{ClockRefusal::step_not_allowed, steps_ + 1.0,
                                   static_cast<double>(limits_.step_limit), "number of steps", ""});
  if (std::abs(offset) < limits_.step_threshold_s)
    return std::unexpected(
        Refusal{ClockRefusal::step_not_allowed, offset, limits_.step_threshold_s, "least step", "s"});
  return check_change(offset);
}

std::expected<void, Refusal> Budget::check_change(double seconds) const {
  const bool limited = limits_.max_change_s > 0 && updates_ >= limits_.max_change_start;
  if (!limited || std::abs(seconds) <= limits_.max_change_s) return {};
  return std::unexpected(
      Refusal{ClockRefusal::step_too_large, seconds, limits_.max_change_s, "maxchange", "s"});
}

void Budget::adjusted() {
  count(updates_);
}

void Budget::stepped() {
  count(updates_);
  count(steps_);
}

}  // namespace gnomon::clock
