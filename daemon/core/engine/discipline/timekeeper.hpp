// SPDX-License-Identifier: GPL-2.0-or-later
// The one owner of the estimate of time: samples in, verdicts and clock commands out (RFC 5905 section 11).
// Sans-IO; the core carries the commands to the clock helper and reports what came of them.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/discipline/discipline.hpp"
#include "daemon/core/engine/discipline/fallback_drift.hpp"
#include "daemon/core/engine/discipline/first_correction.hpp"
#include "daemon/core/engine/discipline/local_reference.hpp"
#include "daemon/core/engine/discipline/manual_input.hpp"
#include "daemon/core/engine/discipline/reference.hpp"
#include "daemon/core/engine/discipline/smoothing.hpp"
#include "daemon/core/engine/discipline/source_table.hpp"
#include "daemon/core/engine/discipline/sync_state.hpp"
#include "daemon/core/engine/discipline/timekeeper_settings.hpp"
#include "daemon/core/engine/discipline/tracking_recorder.hpp"
#include "daemon/core/engine/estimation/timescale.hpp"
#include "daemon/core/engine/leap/leap_keeper.hpp"
#include "daemon/core/engine/leap/leap_table.hpp"
#include "daemon/core/engine/values/clock_command.hpp"
#include "daemon/core/engine/values/decisions.hpp"
#include "daemon/core/engine/values/drift_file.hpp"
#include "daemon/core/engine/values/dump_file.hpp"
#include "daemon/core/engine/values/operator_command.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "daemon/core/engine/values/sample.hpp"
#include "daemon/core/engine/values/server_view.hpp"
#include "daemon/core/engine/values/source_status.hpp"
#include "daemon/core/engine/values/verdict.hpp"

namespace gnomon::engine {

struct ManualResult {
  ManualOutcome outcome;
  Decisions decisions;
};

class Timekeeper {
 public:
  explicit Timekeeper(TimekeeperSettings settings);

  void add(const SourceTraits& traits) { sources_.add(traits); }
  void remove(base::SourceId id) { sources_.remove(id); }
  void set_address(base::SourceId id, const base::IpAddress& address) { sources_.set_address(id, address); }
  // Whether its certificate's dates were forgiven; what was measured before does not count afterwards.
  void set_provisional(base::SourceId id, bool provisional) { sources_.set_provisional(id, provisional); }
  // Options changed by command: polltarget, noselect, prefer, trust, require.
  void reconfigure(base::SourceId id, const config::Source& source) { sources_.reconfigure(id, source); }

  // The configuration is another one than before.
  void retune(const Tuning& before, const Tuning& now);

  // An association has made a step: statistics, then one selection, then discipline.
  [[nodiscard]] Decisions update(base::SourceId id, const SourceStatus& status,
                                 const std::optional<Sample>& sample, const base::Now& now);
  // Sources that are not here yet, as a pool's before its name is resolved, may come until then. nullopt:
  // they have come, or will not.
  void await(base::SourceId id, std::optional<base::MonoTime> until) { sources_.await(id, until); }
  // Time has passed: selection again.
  [[nodiscard]] Decisions on_tick(const base::Now& now);
  // The clock helper carried something out.
  [[nodiscard]] Decisions on_clock_changed(const ClockChanged& change, const base::Now& now);
  // The clock jumped and it was not us. What was measured before says nothing of it: all samples are dropped,
  // the frequency is still known. `asleep`: so much of the jump is the time that the machine was suspended,
  // as the kernel has it from the RTC or a clock that goes on. The reference theta goes along with that, but
  // is not trusted: our clock counts as unsynchronised until there are new samples.
  [[nodiscard]] Decisions on_clock_jumped(base::Duration jump, const base::Now& now,
                                          base::Duration asleep = {});
  // The clock helper did not make the step that it was told to.
  [[nodiscard]] Decisions on_step_refused(const base::Now& now);
  // The error is a sentence for the operator.
  [[nodiscard]] std::expected<Decisions, Refusal> apply(const OperatorCommand& command, const base::Now& now);
  // The operator says that it is `time` now; the error is a sentence.
  [[nodiscard]] std::expected<ManualResult, Refusal> enter_time(base::RealTime time, const base::Now& now);
  [[nodiscard]] std::vector<ManualEntry> manual_entries() const {
    return manual_.list(discipline_, timescale_);
  }
  // How long until on_tick() is due, at most 64 s: leap seconds are made on time, and a source that does not
  // answer is not waited for any longer.
  [[nodiscard]] base::Duration tick_after(const base::Now& now) const;
  // What a file says of leap seconds; replaces what another said before. An empty one says nothing.
  void set_leap_table(LeapTable table) { leap_.set_table(std::move(table)); }
  // initstepslew: the correction at the start has been made, or will not be. The sources that it was made by
  // say nothing any more.
  void end_initial();
  [[nodiscard]] bool awaits_initial() const { return discipline_.awaits_initial(); }
  // A jump of the clock by somebody else's hand that is a leap second and no jump.
  [[nodiscard]] bool is_leap_second(base::Duration jump, const base::Now& now) const {
    return leap_.is_leap(jump, now.real);
  }
  // What is measured at `time`, that far from true time: our clock may be across a leap second and the other
  // clock not.
  [[nodiscard]] bool is_leap_near(base::RealTime time, base::Seconds offset) const {
    return leap_.is_near(time) || leap_.is_near(time + base::to_duration(offset));
  }
  // `smoothtime` command. False: smoothtime is not configured.
  bool activate_smoothing(const base::Now& now);
  bool reset_smoothing(const base::Now& now);
  // All samples are dropped, and our clock counts as unsynchronised until there are new ones.
  [[nodiscard]] Decisions reset(const base::Now& now);

  // What a dump file says of a source; nullopt: no sample of it is kept.
  [[nodiscard]] std::optional<Dump> history(base::SourceId id, const base::Now& now) const;
  // The same of all sources that have one.
  [[nodiscard]] std::vector<std::pair<SourceTraits, Dump>> histories(const base::Now& now) const;
  // Takes that up again, before the source gave a sample. `dump` fits the source. Should its first sample be
  // elsewhere than the history foretells, the history is dropped.
  [[nodiscard]] Decisions restore(base::SourceId id, const Dump& dump, const base::Now& now);

  [[nodiscard]] std::span<const Verdict> verdicts() const { return sources_.verdicts(); }
  [[nodiscard]] const SelectionOutcome& selection_outcome() const { return sources_.outcome(); }
  [[nodiscard]] std::optional<PollAdvice> poll_advice(base::SourceId id) const;
  [[nodiscard]] SourceStatistics statistics(base::SourceId id, const base::Now& now) const;
  [[nodiscard]] TrackingReport tracking(const base::Now& now) const;
  // A reading of the system clock of just now, on the scale on which readings stay comparable.
  [[nodiscard]] LocalTime to_local(base::RealTime system) const { return timescale_.local(system); }
  // What the clock runs at on top of that scale's rate, s/s.
  [[nodiscard]] double clock_rate() const { return timescale_.rate(); }
  // True time then, as the sources have it by now; the leap seconds are those of now. Before the first update
  // the system clock is right.
  [[nodiscard]] base::RealTime true_time(LocalTime at, const base::Now& now) const;
  [[nodiscard]] SmoothingReport smoothing(const base::Now& now) const;
  [[nodiscard]] ServerView server_view(const base::Now& now) const;
  // How long the view and the status hold while nothing happens: until the clock counts as synchronised no
  // more, `local` takes over, or its error bound has grown to `bound`. At most: it may be asked again too
  // early. nullopt: for ever.
  [[nodiscard]] std::optional<base::Duration> holds_for(base::Seconds bound, const base::Now& now) const;
  // What the clock is still to be corrected by, or was when it showed `reading`, by what is known now: the
  // time that others are told is that of a clock which had run evenly and right. Where we do not steer (-x)
  // nobody corrects it, and the same is told.
  [[nodiscard]] base::Seconds correction_at(base::RealTime reading) const;
  [[nodiscard]] DriftFile drift() const;
  // For what is measured on the free-running scale before it comes here.
  [[nodiscard]] const Timescale& timescale() const { return timescale_; }
  [[nodiscard]] double frequency() const { return discipline_.frequency(); }  // see Estimate, s/s
  // TAI minus UTC at a time in UTC; nullopt: no table of leap seconds says.
  [[nodiscard]] std::optional<std::int16_t> tai_offset(base::RealTime utc) const {
    return leap_.tai_offset(utc);
  }
  [[nodiscard]] int updates() const { return discipline_.updates(); }  // clock updates so far
  // For the log when the daemon ends: nobody corrects the clock from now on.
  [[nodiscard]] LogRecords last_records(const base::Now& now);

  // Null: it is not here.
  [[nodiscard]] const SourceTraits* traits(base::SourceId id) const;
  // After state() was read from a record. False: it fits not together.
  [[nodiscard]] bool relink() { return sources_.relink() && timescale_.is_whole(); }
  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) {
    const auto leap = self.leap_.parts();
    return std::tie(self.settings_, self.sources_, self.first_correction_, self.manual_, self.started_,
                    self.timescale_, self.discipline_, self.fallback_, self.last_update_,
                    self.offset_reported_, std::get<0>(leap), std::get<1>(leap), self.epoch_, self.reference_,
                    self.local_, self.smoothing_, self.recorder_, std::get<2>(leap), std::get<3>(leap));
  }

 private:
  // With every event, before anything else: the first one starts the clock's scale, and a leap second may
  // have come.
  void begin(const base::Now& now, Decisions& decisions);
  void start(const base::Now& now, Decisions& decisions);
  void look_for_leap(const base::Now& now, Decisions& decisions);
  // The announcement follows sources, table and day. True: it has changed, and the kernel is to hear of it.
  bool announce_leap(const base::Now& now, Decisions& decisions);
  void make_leap(const LeapEvent& event, const base::Now& now, Decisions& decisions);

  void doubt_leap(base::SourceId id, const Sample& sample, const base::Now& now);
  void observe(base::SourceId id, const Sample& sample, Decisions& decisions);
  // Selection, and a clock update when the selected source has something new.
  void select(std::optional<base::SourceId> updated, const base::Now& now, Decisions& decisions);
  void doubt_start(Decisions& decisions);
  void update_clock(const base::Now& now, Decisions& decisions);
  void on_updated(const Combined& combined, double frequency_before, const base::Now& now,
                  Decisions& decisions);
  // maxchange was exceeded more often than it allows.
  void freeze(const base::Now& now, Decisions& decisions);
  void fall_back(const base::Now& now, Decisions& decisions);
  void take_step(const ClockChanged& change, const base::Now& now, Decisions& decisions);
  // Our clock counts as unsynchronised until there are new samples.
  void begin_again(const base::Now& now, Decisions& decisions);

  [[nodiscard]] LocalTime local(const base::Now& now) const { return timescale_.local(now.real); }
  [[nodiscard]] base::Seconds remaining(const base::Now& now) const;
  void look_for_record(const base::Now& now);
  void record_statistics(base::SourceId id, const std::optional<Estimate>& before,
                         Decisions& decisions) const;
  void record_selection(const base::Now& now, Decisions& decisions) const;
  void record_lost_reference(const base::Now& now, LogRecords& records);
  [[nodiscard]] double dispersion_rate() const;  // s/s
  [[nodiscard]] base::Seconds dispersion(const base::Now& now) const;
  // `local activate`: whether the clock has been that good by now.
  void look_at_local(const base::Now& now);
  [[nodiscard]] LocalReference::Clock local_ages(const base::Now& now) const;
  [[nodiscard]] SyncState sync_state(const base::Now& now) const;
  [[nodiscard]] ServedTime served_time(const base::Now& now) const;
  void report_status(const base::Now& now, Decisions& decisions) const;

  TimekeeperSettings settings_;
  SourceTable sources_;
  FirstCorrection first_correction_;
  ManualInput manual_;

  std::optional<base::Now> started_;  // the first event: local time zero
  Timescale timescale_;
  Discipline discipline_;
  FallbackDrift fallback_;
  std::optional<base::MonoTime> last_update_;
  bool offset_reported_ = false;
  LeapKeeper leap_;
  std::uint32_t epoch_;  // of served time: whoever compares across a jump of it would be wrong

  std::optional<Reference> reference_;
  LocalReference local_;
  std::optional<Smoothing> smoothing_;
  std::optional<TrackingRecorder> recorder_;
};

}  // namespace gnomon::engine
