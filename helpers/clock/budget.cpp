// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/budget.hpp"

#include <cmath>
#include <limits>

#include "base/utc_day.hpp"
#include "helpers/clock/leap_midnight.hpp"

namespace gnomon::clock {

namespace {

using namespace std::chrono_literals;
using ipc::ClockRefusal;
using ipc::LeapMaker;

constexpr std::int16_t least_tai_offset = 10;  // of 1972
constexpr std::int16_t greatest_tai_offset = 500;

// Rates are compared in the unit they travel in, so that the limit itself is always allowed.
bool within(const ipc::Rate& rate, double limit_ppm) {
  return static_cast<double>(std::abs(rate.per_trillion)) <= std::ceil(limit_ppm * 1e6);
}

base::Seconds gain(const ipc::Adjust& request) {
  return request.slew.ratio() * base::to_seconds(request.duration);
}

double ppm(const ipc::Rate& rate) {
  return rate.ratio() * 1e6;
}

void count(std::int32_t& counter) {
  if (counter < std::numeric_limits<std::int32_t>::max()) ++counter;
}

}  // namespace

std::expected<void, Refusal> Budget::check(const ipc::Adjust& request, base::RealTime now) const {
  if (!within(request.frequency, limits_.max_drift_ppm))
    return std::unexpected(
        Refusal{ClockRefusal::over_drift, ppm(request.frequency), limits_.max_drift_ppm, "maxdrift", "ppm"});
  if (!within(request.slew, limits_.max_slew_rate_ppm))
    return std::unexpected(Refusal{ClockRefusal::over_slew_rate, ppm(request.slew), limits_.max_slew_rate_ppm,
                                   "maxslewrate", "ppm"});
  // Slewed slowly, a leap second takes hours.
  const bool leaping = limits_.leap_maker == LeapMaker::slew && is_near_leap(now, 2s, 12h);
  return check_change(gain(request), base::Seconds{leaping ? 1 : 0});
}

std::expected<void, Refusal> Budget::check(const ipc::Step& request, base::RealTime now) const {
  if (is_leap_step(request, now)) return {};
  const double offset = base::to_seconds(request.offset).count();
  if (limits_.step_limit >= 0 && counts_.steps >= limits_.step_limit)
    return std::unexpected(Refusal{ClockRefusal::step_not_allowed, counts_.steps + 1.0,
                                   static_cast<double>(limits_.step_limit), "number of steps", ""});
  if (std::abs(offset) < limits_.step_threshold_s)
    return std::unexpected(
        Refusal{ClockRefusal::step_not_allowed, offset, limits_.step_threshold_s, "least step", "s"});
  return check_change(base::Seconds{offset}, base::Seconds{0});
}

std::expected<void, Refusal> Budget::check(const ipc::SetStatus& request, base::RealTime now) const {
  const bool arms =
      request.leap == base::LeapIndicator::insert || request.leap == base::LeapIndicator::remove;
  if (arms && (limits_.leap_maker != LeapMaker::kernel || !base::is_leap_day(now)))
    return std::unexpected(
        Refusal{ClockRefusal::leap_not_allowed, 1, 0, "number of leap seconds by the kernel today", ""});
  if (request.tai_offset != 0 &&
      (request.tai_offset < least_tai_offset || request.tai_offset > greatest_tai_offset))
    return std::unexpected(Refusal{ClockRefusal::tai_offset_wrong, static_cast<double>(request.tai_offset),
                                   greatest_tai_offset, "greatest TAI offset (the least is 10)", "s"});
  return {};
}

bool Budget::is_leap_step(const ipc::Step& request, base::RealTime now) const {
  return limits_.leap_maker == LeapMaker::step && (request.offset == 1s || request.offset == -1s) &&
         is_near_leap(now, 2s, 2s) && (!counts_.leap_step_at || now - *counts_.leap_step_at > 24h);
}

bool Budget::is_leap_slew(const ipc::Adjust& request, base::RealTime now) const {
  return limits_.leap_maker == LeapMaker::slew && std::abs(gain(request).count()) > 0.5 &&
         is_near_leap(now, 2s, 12h) && (!counts_.leap_slew_at || now - *counts_.leap_slew_at > 24h);
}

std::expected<void, Refusal> Budget::check_change(base::Seconds change, base::Seconds excused) const {
  const bool limited = limits_.max_change_s > 0 && counts_.updates >= limits_.max_change_start;
  if (!limited || std::abs(change.count()) <= limits_.max_change_s + excused.count()) return {};
  return std::unexpected(
      Refusal{ClockRefusal::step_too_large, change.count(), limits_.max_change_s, "maxchange", "s"});
}

void Budget::adjusted(const ipc::Adjust& request, base::RealTime now) {
  if (is_leap_slew(request, now)) counts_.leap_slew_at = now;
  count(counts_.updates);
}

void Budget::stepped(const ipc::Step& request, base::RealTime now) {
  if (is_leap_step(request, now)) {
    counts_.leap_step_at = now;
    return;
  }
  count(counts_.updates);
  count(counts_.steps);
}

}  // namespace gnomon::clock
