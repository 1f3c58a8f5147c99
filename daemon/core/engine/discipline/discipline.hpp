// SPDX-License-Identifier: GPL-2.0-or-later
// From the combined estimate of the selected sources to what the clock shall do: frequency, slew, step. Owned
// by the timekeeper.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "base/time.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/estimation/timescale.hpp"
#include "daemon/core/engine/values/decisions.hpp"
#include "daemon/core/engine/values/operator_command.hpp"
#include "daemon/core/engine/values/refusal.hpp"

namespace gnomon::engine {

// What the selected and combined sources say together.
struct Combined {
  LocalTime at;
  base::Duration theta{};  // true time minus local time, both since the start of local time
  double frequency = 0;    // s/s
  double skew = 2e-3;      // s/s
  bool has_frequency = false;
  base::Seconds error{};  // standard error of theta
  int sources = 1;        // that took part
};

// maxdrift, as far as the clock helper goes; s/s.
[[nodiscard]] double largest_frequency(const config::ClockSettings& clock);

class Discipline {
 public:
  struct Settings {
    config::ClockSettings clock;
    base::Seconds log_change{1};  // an error found beyond that is worth a note
    bool steer = true;
    bool no_start_adjustments = false;
    bool set_once = false;
    double initial_frequency = 0;  // s/s
    double initial_skew = 2e-3;
    // initstepslew: the first correction is a step from this offset on, else the fastest slew; nullopt: none.
    std::optional<base::Seconds> initial_step{};
  };
  explicit Discipline(Settings settings)
      : settings_(std::move(settings)),
        frequency_(settings_.initial_frequency),
        skew_(settings_.initial_skew) {}

  // A clock update: what to do about the difference between the estimate and the system clock. False: the
  // change was refused (maxchange) and nothing may be derived from the estimate.
  bool update(const Combined& combined, const Timescale& timescale, Decisions& decisions);
  // The rest of the correction by the fastest slew.
  void slew_rest(LocalTime now, const Timescale& timescale, Decisions& decisions);
  // -q, the clock runs at that rate (s/s) from now on. If that is the end of the slew, the rest is corrected
  // once more where it is more than the estimate's error.
  void correct_again(double rate, LocalTime now, const Timescale& timescale, Decisions& decisions);
  // --- by an operator's command; the error is a sentence
  using Applied = std::expected<void, Refusal>;
  // Steering that maxchange froze goes on.
  Applied apply(const CorrectNow&, LocalTime now, const Timescale& timescale, Decisions& decisions);
  Applied apply(const AllowSteps& command, LocalTime now, const Timescale& timescale, Decisions& decisions);
  Applied apply(const LimitUpdateSkew& command, LocalTime now, const Timescale& timescale,
                Decisions& decisions);
  Applied apply(const AddFrequency& command, LocalTime now, const Timescale& timescale, Decisions& decisions);
  Applied apply(const AddOffset& command, LocalTime now, const Timescale& timescale, Decisions& decisions);
  // Other limits from now on.
  template <class Change>
  void retune(const Change& change, base::Seconds log_change) {
    change(settings_.clock);
    settings_.log_change = log_change;
  }
  // The corrections so far followed a source that was wrong: makestep and maxchange count from now on, once.
  void begin_again();
  // Another frequency (s/s), kept to maxdrift, without a measurement.
  void run_at(double frequency, LocalTime now, const Timescale& timescale, Decisions& decisions);
  // By the fastest slew for a leap second as well. Until it is done, makestep and maxchange do not count it.
  void slew_leap(LocalTime now, const Timescale& timescale, Decisions& decisions);
  // initstepslew: whether the correction at the start is still to be made. It says nothing of the frequency,
  // and makestep and maxchange do not count it.
  [[nodiscard]] bool awaits_initial() const { return settings_.initial_step.has_value(); }
  void end_initial() { settings_.initial_step.reset(); }
  // A step that was commanded has been carried out (or somebody else made one).
  void stepped() { step_commanded_at_.reset(); }
  // Somebody else has set the clock: how wrong it is now is news.
  void jumped() {
    stepped();
    jumped_ = true;
  }
  // The clock was set on by the time that the machine slept, which has passed.
  void slept(base::Duration asleep) { theta_ += asleep; }

  [[nodiscard]] int updates() const { return updates_; }
  [[nodiscard]] double frequency() const { return frequency_; }  // s/s
  [[nodiscard]] double skew() const { return skew_; }
  [[nodiscard]] double residual_frequency() const { return residual_; }
  // The true time as far as we know it: theta at that time; nullopt before the first update.
  [[nodiscard]] std::optional<base::Duration> theta_at(LocalTime t) const;
  // The same; before the first update what the system clock shows is true.
  [[nodiscard]] base::Duration reference_theta(LocalTime t, const Timescale& timescale) const {
    return theta_at(t).value_or(timescale.ahead(t));
  }
  // How far the system clock is behind that; 0 before the first update.
  [[nodiscard]] base::Seconds remaining(LocalTime now, const Timescale& timescale) const;
  // By how much all corrections so far have set the reference theta on, but for those that were too large to
  // go on from, and how many of those there were.
  [[nodiscard]] base::Duration corrected() const { return corrected_; }
  [[nodiscard]] std::uint32_t breaks() const { return breaks_; }
  // By how much the last update corrected the reference theta.
  [[nodiscard]] base::Seconds last_correction() const { return last_correction_; }
  // What was measured at `at` (positive: our clock is ahead) and is `offset` by what is known now: as it was
  // found, before the last update knew of it.
  [[nodiscard]] base::Seconds found(LocalTime at, base::Seconds offset) const {
    return last_update_ && at <= *last_update_ ? offset - last_correction_ : offset;
  }
  [[nodiscard]] base::Seconds rms_correction() const;
  [[nodiscard]] base::Duration update_interval() const { return update_interval_; }
  [[nodiscard]] bool frozen() const { return frozen_; }
  [[nodiscard]] bool exits_when_frozen() const;
  [[nodiscard]] SetRate plain_rate() const;  // the frequency alone

  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) {
    return std::tie(self.settings_, self.frequency_, self.skew_, self.residual_, self.updates_,
                    self.began_at_, self.began_again_, self.refusals_, self.frozen_, self.corrected_again_,
                    self.error_, self.step_commanded_at_, self.leap_slew_end_, self.first_update_,
                    self.last_update_, self.theta_, self.corrected_, self.breaks_, self.update_interval_,
                    self.last_correction_, self.jumped_, self.mean_square_, self.averages_);
  }

 private:
  void correct_initially(const Combined& combined, const Timescale& timescale, Decisions& decisions);
  void set_reference_theta(base::Duration theta, LocalTime at, const Timescale& timescale);
  void update_frequency(const Combined& combined);
  void keep_statistics(base::Seconds correction);
  [[nodiscard]] bool refuses(base::Seconds offset, Decisions& decisions);
  [[nodiscard]] bool may_step(base::Seconds offset) const;
  [[nodiscard]] bool is_leap_slew(base::Seconds offset, LocalTime at) const;
  [[nodiscard]] double calmness(const Combined& combined) const;
  [[nodiscard]] SetRate slew(base::Seconds offset, base::Seconds error, base::Seconds interval) const;
  void step_rest(LocalTime now, const Timescale& timescale, Decisions& decisions);
  void command_step(base::Seconds offset, LocalTime at, Decisions& decisions);

  Settings settings_;
  double frequency_;
  double skew_;
  double residual_ = 0;
  int updates_ = 0;
  int began_at_ = 0;  // the update that makestep and maxchange count from
  bool began_again_ = false;
  int refusals_ = 0;
  bool frozen_ = false;
  bool corrected_again_ = false;
  base::Seconds error_{};  // of the last estimate
  std::optional<LocalTime> step_commanded_at_;
  std::optional<LocalTime> leap_slew_end_;
  std::optional<LocalTime> first_update_;
  std::optional<LocalTime> last_update_;
  base::Duration theta_{};  // at last_update_
  base::Duration corrected_{};
  std::uint32_t breaks_ = 0;
  base::Duration update_interval_{};
  base::Seconds last_correction_{};
  bool jumped_ = false;  // since the last update
  double mean_square_ = 0;
  bool averages_ = false;  // the mean square is one of many, not the last one
};

}  // namespace gnomon::engine
