// SPDX-License-Identifier: GPL-2.0-or-later
// The inside of the timekeeper: the sources' estimates, the last selection, the discipline, and what we tell
// others about our clock.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/core/engine/discipline/discipline.hpp"
#include "daemon/core/engine/discipline/fallback_drift.hpp"
#include "daemon/core/engine/discipline/manual_input.hpp"
#include "daemon/core/engine/discipline/timekeeper.hpp"
#include "daemon/core/engine/estimation/estimator.hpp"
#include "daemon/core/engine/estimation/joint_estimator.hpp"
#include "daemon/core/engine/estimation/timescale.hpp"
#include "daemon/core/engine/leap/leap_seconds.hpp"
#include "daemon/core/engine/selection/selection.hpp"

namespace gnomon::engine {

struct KeptSample {
  Sample sample;
  Observation observation;
};

// Reports count a fast clock positive, the discipline what to add (s/s).
[[nodiscard]] inline base::Ppm fast(double ratio) {
  return base::ppm_of_ratio(-ratio);
}

struct TrackedSource {
  SourceTraits traits;
  std::unique_ptr<Estimator> estimator;  // of this source alone, for selection and reports
  base::ReferenceId address_id{};        // of its address
  base::ReferenceId local_id{};          // of ours, as it was last asked from
  Sample last;                           // meaningful once the estimator has an estimate
  LocalTime last_at;
  base::Duration last_theta{};
  SourceStatus status;
  double score = 1;
  int fresh = 0;  // samples since the last clock update
  int poll = 0;   // exponent that the advice so far has led to
  PollAdvice advice;
  std::deque<KeptSample> kept;  // what a dump file gets
  bool restored = false;        // from a dump file, and nothing measured since
  // Selection has found it beyond a limit for so many samples in a row, and for what.
  Reason beyond = Reason::best;
  int beyond_limit = 0;
};

// What the last clock update says of our clock; grows with time.
struct Reference {
  base::SourceId source;
  base::ReferenceId id;
  base::IpAddress address;
  std::string name;
  std::uint8_t stratum = 16;
  base::LeapIndicator leap = base::LeapIndicator::none;  // what most of the sources said
  base::RealTime time;                                   // system clock at the update
  LocalTime at;
  base::Seconds root_delay{};
  base::Seconds root_dispersion{};  // at the update, without what the clock has still to be corrected by
  base::Seconds error{};
};

// Our clock as others see it at one moment.
struct SyncState {
  enum class Kind : std::uint8_t { unsynchronised, synchronised, local } kind = Kind::unsynchronised;
  base::Seconds root_dispersion{1};
};

struct Timekeeper::State {
  explicit State(TimekeeperSettings its_settings);

  TimekeeperSettings settings;
  std::map<base::SourceId, TrackedSource> sources;
  Timescale timescale;
  std::optional<base::MonoTime> started;  // the first event: local time zero
  base::RealTime started_at;              // what the clock showed then
  JointEstimator joint;
  Discipline discipline;
  FallbackDrift fallback;
  ManualInput manual;
  std::map<base::SourceId, base::MonoTime> awaited;  // see Timekeeper::await
  std::optional<base::MonoTime> waits_until;         // the correction that is held back, for other sources
  // Whom the first correction followed, as long as nobody else has borne it out.
  std::vector<base::SourceId> first_followed;
  std::vector<Verdict> verdicts;
  std::optional<base::SourceId> selected;
  // Said once until a source is selected: that there is no majority, and that nobody is selectable, which is
  // no trouble before sources have had their chance to be.
  bool disagreement_noted = false;
  bool loss_noted = false;
  bool ever_selected = false;
  Reference reference;
  bool has_reference = false;
  bool offset_reported = false;
  bool local_activated = false;
  std::optional<base::MonoTime> last_update;
  LeapSeconds leap;
  LeapTable leap_table;
  std::optional<Smoothing> smoothing;

  // timekeeper.cpp
  void start(const base::Now& now, Decisions& decisions);
  // With every event: start, and the leap second.
  void begin(const base::Now& now, Decisions& decisions);
  void take_step(const ClockChanged& change, const base::Now& now, Decisions& decisions);
  void observe(TrackedSource& source, const Sample& sample);
  void remember(TrackedSource& source, const Sample& sample, const Observation& observation) const;
  // Selection, and a clock update when the selected source has something new.
  void run(std::optional<base::SourceId> updated, const base::Now& now, Decisions& decisions);
  [[nodiscard]] bool is_near_leap(const Sample& sample) const;
  [[nodiscard]] std::uint32_t samples_needed(const TrackedSource& source) const;
  [[nodiscard]] bool may_still_answer(const TrackedSource& source, const base::Now& now) const;

  // timekeeper_history.cpp
  [[nodiscard]] bool bears_out(const TrackedSource& source, const Sample& sample) const;
  void doubt_history(TrackedSource& source, const Sample& sample, Decisions& decisions);
  void drop_samples();
  // Our clock counts as unsynchronised until there are new ones.
  void begin_anew(const base::Now& now, Decisions& decisions);

  // timekeeper_update.cpp
  void update_clock(const Selection& selection, const base::Now& now, Decisions& decisions);
  void report_status(const base::Now& now, Decisions& decisions) const;
  // `local activate`: whether the clock has been that good by now.
  void activate_local(const base::Now& now);

  // timekeeper_orders.cpp
  struct Apply;

  // timekeeper_leap.cpp
  // To be called with every event, before anything else.
  void attend_leap(const base::Now& now, Decisions& decisions);
  // The announcement follows sources, table and day. True: it has changed, and the kernel is to hear of it.
  bool announce_leap(const base::Now& now, Decisions& decisions);
  void make_leap(const LeapEvent& event, const base::Now& now, Decisions& decisions);
  void smooth_update(double frequency_before, const base::Now& now, const Decisions& decisions);
  [[nodiscard]] base::RealTime utc(const base::Now& now) const;
  [[nodiscard]] ServedTime served_time(const base::Now& now) const;

  // tracking.cpp
  [[nodiscard]] SyncState standing(const base::Now& now) const;
  [[nodiscard]] base::Seconds dispersion(const base::Now& now) const;
  [[nodiscard]] double dispersion_rate() const;

  // theta of a source at that time; a source without a frequency of its own runs at ours
  [[nodiscard]] base::Duration theta_of(const Estimate& estimate, LocalTime t) const;

 private:
  [[nodiscard]] Candidate candidate(const TrackedSource& source, LocalTime now_local,
                                    const base::Now& now) const;
  void note_changes(const Selection& selection, Decisions& decisions);
  void note_trouble(const Selection& selection, Decisions& decisions);
  void note_limits(const Selection& selection, base::SourceId updated, Decisions& decisions);
  void note_waiting(const Selection& selection, const base::Now& now);
  void doubt_start(const Selection& selection, Decisions& decisions);
  void bear_out_start(const Selection& selection, bool first);
  void follow(const Selection& selection);
  void fall_back(const base::Now& now, Decisions& decisions);
  void freeze(const base::Now& now, Decisions& decisions);
  [[nodiscard]] std::optional<int> orphan_stratum() const;
  [[nodiscard]] std::optional<Combined> combine(LocalTime at) const;
  void advise(TrackedSource& source) const;
  [[nodiscard]] Reference refer(const Combined& combined, const base::Now& now) const;
  [[nodiscard]] base::LeapIndicator vote_on_leap() const;
  [[nodiscard]] bool waits_for_local(const config::Local& local, const base::Now& now) const;
};

}  // namespace gnomon::engine
