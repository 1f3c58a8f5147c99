// SPDX-License-Identifier: GPL-2.0-or-later
// The sources as the timekeeper knows them: their samples, what they say together, and the last selection
// among them. Owned by the timekeeper.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/discipline/history.hpp"
#include "daemon/core/engine/discipline/selection_notes.hpp"
#include "daemon/core/engine/discipline/timekeeper_settings.hpp"
#include "daemon/core/engine/discipline/tracked_source.hpp"
#include "daemon/core/engine/estimation/joint_estimator.hpp"
#include "daemon/core/engine/values/dump_file.hpp"
#include "daemon/core/engine/values/note.hpp"
#include "daemon/core/engine/values/operator_command.hpp"
#include "daemon/core/engine/values/sample.hpp"
#include "daemon/core/engine/values/source_status.hpp"

namespace gnomon::engine {

class SourceTable {
 public:
  explicit SourceTable(const TimekeeperSettings& settings);

  // --- see Timekeeper
  void add(const SourceTraits& traits);
  void remove(base::SourceId id);
  void set_address(base::SourceId id, const base::IpAddress& address);
  void set_provisional(base::SourceId id, bool provisional);
  void reconfigure(base::SourceId id, const config::Source& source);
  void await(base::SourceId id, std::optional<base::MonoTime> until);
  [[nodiscard]] const TrackedSource* find(base::SourceId id) const;  // null: it is not here
  [[nodiscard]] const std::map<base::SourceId, TrackedSource>& all() const { return sources_; }

  void retune(const Tuning& before, const Tuning& now) { engine::retune(settings_, before, now); }
  void apply(const SetReselectDistance& command);
  // As if no selection had been made yet.
  void apply(const SelectAnew&);
  // Nobody is selected, and that is no trouble.
  void forget_selected() { selected_.reset(); }
  // Other sources than those so far are asked from now on: what was said of those is not compared with.
  void start_anew();

  // Of a source that is here, like all below. True: selection may see it otherwise than before.
  bool set_status(base::SourceId id, const SourceStatus& status);
  // `frequency`: our clock's, s/s. A note: what the source said in an earlier run is belied and was dropped.
  [[nodiscard]] std::optional<Note> observe(base::SourceId id, const Sample& sample,
                                            const Timescale& timescale, double frequency);
  // What it said before was wrong by that much.
  void move(base::SourceId id, base::Seconds by);
  void restore(base::SourceId id, const Dump& dump, const HistoryStart& start);
  // All samples. The clock was moved by about `jump`.
  void drop_samples(base::Seconds jump);

  // `updated` has a new sample; orphan_stratum see SelectionContext.
  [[nodiscard]] std::vector<Note> select(std::optional<base::SourceId> updated, const ClockMoment& clock,
                                         std::optional<int> orphan_stratum);
  [[nodiscard]] std::span<const Verdict> verdicts() const { return verdicts_; }
  [[nodiscard]] const SelectionOutcome& outcome() const { return outcome_; }
  [[nodiscard]] const TrackedSource* selected() const;  // null: nobody
  // A correction is held back for other sources until then.
  [[nodiscard]] std::optional<base::MonoTime> waits_until() const { return waits_until_; }

  // What the steering sources say together; nullopt: none of them has a sample.
  [[nodiscard]] std::optional<Combined> combined(LocalTime at) const;
  [[nodiscard]] base::LeapIndicator leap() const;  // see voters_on_leap
  // The clock was updated by that.
  void use_samples();
  // The poll interval of a source; our clock was first looked at then, and its frequency is known with that
  // bound, s/s.
  void advise(base::SourceId id, base::MonoTime started, double skew);
  // Its last samples were all wrong (LimitWatch): it is to be replaced.
  [[nodiscard]] bool is_bad(base::SourceId id) const;

  // See JointEstimator.
  [[nodiscard]] bool relink() { return joint_.relink(); }
  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) {
    return std::tie(self.settings_, self.sources_, self.joint_, self.awaited_, self.waits_until_,
                    self.verdicts_, self.outcome_, self.selected_, self.selection_notes_,
                    self.patience_ends_);
  }

 private:
  [[nodiscard]] Selection selection(std::optional<base::SourceId> updated, const ClockMoment& clock,
                                    std::optional<int> orphan_stratum) const;
  [[nodiscard]] std::uint32_t samples_needed(const TrackedSource& source) const;
  [[nodiscard]] std::vector<Note> notes_of(const Selection& selection, std::optional<base::SourceId> updated);
  [[nodiscard]] std::optional<base::MonoTime> end_of_waiting(const Selection& selection,
                                                             base::MonoTime now) const;
  [[nodiscard]] bool answers_overdue() const;

  TimekeeperSettings settings_;
  std::map<base::SourceId, TrackedSource> sources_;
  JointEstimator joint_;
  std::map<base::SourceId, base::MonoTime> awaited_;  // see await()
  std::optional<base::MonoTime> waits_until_;
  std::optional<base::MonoTime> patience_ends_;  // nobody was selected since it began
  std::vector<Verdict> verdicts_;
  SelectionOutcome outcome_;
  std::optional<base::SourceId> selected_;
  SelectionNotes selection_notes_;
};

}  // namespace gnomon::engine
