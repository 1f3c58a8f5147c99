// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/budget.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using clock::Budget;
using ipc::ClockRefusal;

namespace {

constexpr ipc::Rate ppm(std::int64_t value) {
  return {value * 1'000'000};
}

template <class Request>
ClockRefusal reason(const Budget& budget, const Request& request) {
  const auto checked = budget.check(request);
  REQUIRE_FALSE(checked);
  return checked.error().reason;
}

}  // namespace

TEST_CASE("frequency and slew may reach their limits and not pass them") {
  ipc::ClockBudget limits;
  limits.max_drift_ppm = 500;
  limits.max_slew_rate_ppm = 1000;
  const Budget budget{limits};
  CHECK(budget.check(ipc::Adjust{ppm(500), ppm(-1000), 1s}));
  CHECK(budget.check(ipc::Adjust{ppm(-500), ppm(1000), 1s}));
  CHECK(reason(budget, ipc::Adjust{{ppm(500).per_trillion + 1}, {}, 0s}) == ClockRefusal::over_drift);
  CHECK(reason(budget, ipc::Adjust{ppm(-501), {}, 0s}) == ClockRefusal::over_drift);
  CHECK(reason(budget, ipc::Adjust{{}, {ppm(1000).per_trillion + 1}, 1s}) == ClockRefusal::over_slew_rate);
  CHECK(reason(budget, ipc::Adjust{{}, ppm(-1001), 1s}) == ClockRefusal::over_slew_rate);
}

TEST_CASE("the default slew limit with its fraction of a ppm can be used in full") {
  const Budget budget{ipc::ClockBudget{}};
  CHECK(budget.check(ipc::Adjust{{}, ipc::rate_of_ratio(83333.333e-6), 1s}));
}

TEST_CASE("without makestep no step is allowed") {
  const Budget budget{ipc::ClockBudget{}};
  CHECK(reason(budget, ipc::Step{1h}) == ClockRefusal::step_not_allowed);
  CHECK(reason(budget, ipc::Step{0s}) == ClockRefusal::step_not_allowed);
}

TEST_CASE("steps are allowed from the threshold on and as often as was said") {
  ipc::ClockBudget limits;
  limits.step_threshold_s = 0.1;
  limits.step_limit = 2;
  Budget budget{limits};
  CHECK(budget.check(ipc::Step{-100ms}));
  CHECK(reason(budget, ipc::Step{99'999'999ns}) == ClockRefusal::step_not_allowed);
  budget.stepped();
  budget.adjusted();  // an adjustment is no step
  CHECK(budget.check(ipc::Step{1s}));
  budget.stepped();
  const auto refusal = budget.check(ipc::Step{1s});
  REQUIRE_FALSE(refusal);
  CHECK(refusal.error().reason == ClockRefusal::step_not_allowed);
  CHECK(refusal.error().asked == 3);
  CHECK(refusal.error().allowed == 2);
}

TEST_CASE("a negative step limit never ends") {
  ipc::ClockBudget limits;
  limits.step_limit = -1;
  Budget budget{limits};
  for (int i = 0; i < 1000; ++i) budget.stepped();
  CHECK(budget.check(ipc::Step{1s}));
}

TEST_CASE("maxchange holds after its first updates, for steps and for slews") {
  ipc::ClockBudget limits;
  limits.step_limit = -1;
  limits.max_change_s = 10;
  limits.max_change_start = 2;
  Budget budget{limits};
  const ipc::Step leap{-11s};
  const ipc::Adjust long_slew{{}, ppm(50000), 221s};  // 11.05 s
  CHECK(budget.check(leap));
  CHECK(budget.check(long_slew));
  budget.adjusted();
  CHECK(budget.check(leap));
  budget.stepped();
  CHECK(reason(budget, leap) == ClockRefusal::step_too_large);
  CHECK(reason(budget, long_slew) == ClockRefusal::step_too_large);
  CHECK(budget.check(ipc::Step{10s}));
  CHECK(budget.check(ipc::Adjust{ppm(1), ppm(50000), 200s}));
}

namespace {

constexpr base::RealTime leap_midnight{1'830'297'600s};  // 2028-01-01

Budget leap_budget(ipc::LeapMaker maker) {
  ipc::ClockBudget limits;
  limits.leap_maker = maker;
  limits.max_change_s = 0.5;
  return Budget{limits};
}

ipc::SetStatus status(base::LeapIndicator leap, std::int16_t tai_offset = 0) {
  ipc::SetStatus request;
  request.leap = leap;
  request.tai_offset = tai_offset;
  return request;
}

}  // namespace

TEST_CASE("the kernel is armed on the last day of June or December only, and only with leapsecmode system") {
  using base::LeapIndicator;
  const Budget budget = leap_budget(ipc::LeapMaker::kernel);
  for (const auto leap : {LeapIndicator::insert, LeapIndicator::remove}) {
    CHECK(budget.check(status(leap), leap_midnight - 1ns));
    CHECK(budget.check(status(leap), leap_midnight - 24h));
    CHECK_FALSE(budget.check(status(leap), leap_midnight));
    CHECK_FALSE(budget.check(status(leap), leap_midnight - 24h - 1ns));
    for (const auto maker : {ipc::LeapMaker::step, ipc::LeapMaker::slew, ipc::LeapMaker::nobody})
      CHECK_FALSE(leap_budget(maker).check(status(leap), leap_midnight - 1h));
  }
  CHECK(budget.check(status(LeapIndicator::none), leap_midnight + 1h));
  CHECK(budget.check(status(LeapIndicator::unsynchronised), leap_midnight + 1h));
}

TEST_CASE("a TAI offset must be one that UTC has had or may have") {
  const Budget budget = leap_budget(ipc::LeapMaker::nobody);
  for (const int good : {0, 10, 37, 500})
    CHECK(budget.check(status(base::LeapIndicator::none, static_cast<std::int16_t>(good)), leap_midnight));
  for (const int bad : {-37, 1, 9, 501})
    CHECK(budget.check(status(base::LeapIndicator::none, static_cast<std::int16_t>(bad)), leap_midnight)
              .error()
              .reason == ClockRefusal::tai_offset_wrong);
}

TEST_CASE("a leap second is one step of a second, whatever makestep says, at its midnight") {
  Budget budget = leap_budget(ipc::LeapMaker::step);
  CHECK(budget.check(ipc::Step{-1s}, leap_midnight + 1ms));
  CHECK(budget.check(ipc::Step{1s}, leap_midnight - 1s));
  CHECK_FALSE(budget.check(ipc::Step{-1s - 1ns}, leap_midnight));
  CHECK_FALSE(budget.check(ipc::Step{-1s}, leap_midnight + 3s));
  CHECK_FALSE(budget.check(ipc::Step{-1s}, leap_midnight + 24h));
  CHECK_FALSE(budget.check(ipc::Step{-1s}));
  CHECK_FALSE(leap_budget(ipc::LeapMaker::kernel).check(ipc::Step{-1s}, leap_midnight));
  budget.stepped(ipc::Step{-1s}, leap_midnight + 1ms);
  CHECK_FALSE(budget.check(ipc::Step{-1s}, leap_midnight));
}

TEST_CASE("maxchange leaves room for a leap second that is slewed") {
  const Budget budget = leap_budget(ipc::LeapMaker::slew);
  const ipc::Adjust second{{}, ppm(50000), 20s};
  CHECK(budget.check(second, leap_midnight + 1ms));
  CHECK(budget.check(second, leap_midnight + 3h));
  CHECK_FALSE(budget.check(second, leap_midnight + 13h));
  CHECK_FALSE(budget.check(second));
  CHECK_FALSE(budget.check(ipc::Adjust{{}, ppm(50000), 31s}, leap_midnight));
}
