// SPDX-License-Identifier: GPL-2.0-or-later
// What the timekeeper is told at start, and what follows for its parts. A value.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/discipline/discipline.hpp"
#include "daemon/core/engine/estimation/joint_estimator.hpp"
#include "daemon/core/engine/estimation/regression.hpp"
#include "daemon/core/engine/values/drift_file.hpp"

namespace gnomon::engine {

struct TimekeeperSettings {
  config::ClockSettings clock;
  config::SelectionSettings selection;
  std::optional<config::Local> local;
  base::Seconds log_change{1};  // logchange
  bool manual = false;          // times entered by hand are accepted
  std::optional<config::SmoothTime> smooth_time;
  bool steer = true;                  // false: -x, -Q: no commands, but all the rest
  bool no_start_adjustments = false;  // -R: makestep with a positive limit does not apply
  bool one_shot = false;              // -q, -Q: the first selection is all that is wanted, and soon
  // -q: one correction, a step when makestep or above it would be slow, then done.
  bool set_once = false;
  // initstepslew: from other sources, before those that are configured.
  bool corrects_initially = false;
  static constexpr base::Seconds finest_precision{1e-9};
  static constexpr base::Seconds coarsest_precision{1.0};
  base::Seconds clock_precision{1e-7};  // within these
  std::optional<DriftFile> drift;
  bool records = false;     // what happens is recorded for log files
  double initial_rate = 0;  // what the kernel runs at when the daemon starts, s/s
  std::uint32_t epoch = 0;  // a random number: the first epoch of ServedTime
};

// Those values of the settings that may change while the daemon runs, as the configuration has them.
struct Tuning {
  config::ClockSettings clock;
  config::SelectionSettings selection;
  base::Seconds log_change{1};
  bool records = false;
};
// Takes over what differs between the two; what a command has changed since stays otherwise.
void retune(config::ClockSettings& clock, const Tuning& before, const Tuning& now);
void retune(config::SelectionSettings& selection, const Tuning& before, const Tuning& now);
void retune(TimekeeperSettings& settings, const Tuning& before, const Tuning& now);

// What the clock has to run at when the daemon starts, s/s: by the drift file, else as the kernel has it;
// kept to maxdrift.
[[nodiscard]] double first_frequency(const TimekeeperSettings& settings);
[[nodiscard]] JointEstimator::Prior prior_of(const TimekeeperSettings& settings);
[[nodiscard]] Discipline::Settings discipline_settings(const TimekeeperSettings& settings);
// Samples kept of a source, 1..64.
[[nodiscard]] int max_samples_of(const config::Source& source, const config::SelectionSettings& settings);
[[nodiscard]] RegressionLimits limits_of(const config::Source& source, const TimekeeperSettings& settings);

}  // namespace gnomon::engine
