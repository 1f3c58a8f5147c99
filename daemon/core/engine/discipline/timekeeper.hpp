// SPDX-License-Identifier: GPL-2.0-or-later
// The one owner of the estimate of time: samples in, verdicts and clock commands out (RFC 5905 section 11).
// Sans-IO; the core carries the commands to the clock helper and reports what came of them.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/association/association.hpp"
#include "daemon/core/engine/discipline/smoothing.hpp"
#include "daemon/core/engine/leap/leap_table.hpp"
#include "daemon/core/engine/values/clock_command.hpp"
#include "daemon/core/engine/values/drift_file.hpp"
#include "daemon/core/engine/values/dump_file.hpp"
#include "daemon/core/engine/values/note.hpp"
#include "daemon/core/engine/values/operator_command.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "daemon/core/engine/values/sample.hpp"
#include "daemon/core/engine/values/verdict.hpp"

namespace gnomon::engine {

struct Decisions {
  std::vector<ClockCommand> commands;
  std::vector<Note> notes;
  // Set on the first selection with an offset: what -q and -Q print (positive: our clock is behind).
  std::optional<base::Seconds> measured_offset;
  bool drift_worth_saving = false;
  bool give_up = false;  // maxchange was exceeded more often than allowed, and the daemon is to end for it
};
struct ManualResult {
  ManualOutcome outcome;
  Decisions decisions;
};

// What selection must know of a source beyond its samples.
struct SourceTraits {
  base::SourceId id;
  config::Source source;
  base::IpAddress address;
  bool authenticated = false;  // nts or key
  bool provisional = false;    // its certificate's dates were forgiven
};

// What an association knows of its source, besides samples.
struct SourceStatus {
  std::uint8_t reach = 0;             // reach register
  bool unreachable_too_long = false;  // maxunreach: it has missed more polls than it may and be selected
  // It is being asked, or its name or keys are: until then it may well answer.
  std::optional<base::MonoTime> awaited_until{};
  bool asked_often = false;  // as often as its reach register is long
  friend bool operator==(const SourceStatus&, const SourceStatus&) = default;
};

[[nodiscard]] SourceStatus status_of(const AssociationReport& report);

// By how much served time differs from the system clock (smoothtime).
struct ServedTime {
  bool smoothed = false;  // false: it does not
  base::RealTime at;      // the two below hold from that reading on
  base::Seconds rest{};   // what the clock has still to be corrected by
  double rest_rate = 0;   // s/s
  SmoothingCurve curve;
  [[nodiscard]] base::Seconds offset(base::RealTime reading) const;  // to be added to the reading
};

// How the server half describes our clock (RFC 5905 section 7.3).
struct ServerView {
  base::LeapIndicator leap = base::LeapIndicator::unsynchronised;
  std::uint8_t stratum = 16;
  std::int8_t precision = -20;
  base::Seconds root_delay{1};
  base::Seconds root_dispersion{1};  // at `dispersion_time`
  base::RealTime dispersion_time;
  double dispersion_rate = 0;  // s/s
  base::ReferenceId reference_id;
  base::RealTime reference_time;
  ServedTime served;
};

struct TimekeeperSettings {
  config::ClockSettings clock;
  config::SelectionSettings selection;
  std::optional<config::Local> local;
  bool manual = false;  // times are taken by hand
  std::optional<config::SmoothTime> smooth_time;
  bool steer = true;                  // false: -x, -Q: no commands, but all the rest
  bool no_start_adjustments = false;  // -R: makestep with a positive limit does not apply
  bool one_shot = false;              // -q, -Q: the first selection is all that is wanted, and soon
  bool set_once = false;  // -q: one correction, step when makestep or above it would be slow, then done
  static constexpr base::Seconds finest_precision{1e-9};
  static constexpr base::Seconds coarsest_precision{1.0};
  base::Seconds clock_precision{1e-7};  // within these
  std::optional<DriftFile> drift;
  double initial_rate = 0;  // what the kernel runs at when the daemon starts, s/s
};

class Timekeeper {
 public:
  explicit Timekeeper(TimekeeperSettings settings);
  ~Timekeeper();
  Timekeeper(Timekeeper&&) noexcept;
  Timekeeper& operator=(Timekeeper&&) noexcept;

  void add(const SourceTraits& traits);
  void remove(base::SourceId id);
  void set_address(base::SourceId id, const base::IpAddress& address);
  // Whether its certificate's dates were forgiven; what was measured before does not count afterwards.
  void set_provisional(base::SourceId id, bool provisional);
  // Options changed by command: polltarget, noselect, prefer, trust, require.
  void reconfigure(base::SourceId id, const config::Source& source);

  // An association has made a step: statistics, then one selection, then discipline.
  [[nodiscard]] Decisions update(base::SourceId id, const SourceStatus& status,
                                 const std::optional<Sample>& sample, const base::Now& now);
  // Sources that are not here yet, as a pool's before its name is resolved, may come until then. nullopt:
  // they have come, or will not.
  void await(base::SourceId id, std::optional<base::MonoTime> until);
  // Time has passed: selection again.
  [[nodiscard]] Decisions on_tick(const base::Now& now);
  // The clock helper carried something out.
  [[nodiscard]] Decisions on_clock_changed(const ClockChanged& change, const base::Now& now);
  // The clock jumped and it was not us. What was measured before says nothing of it: all samples are dropped,
  // the frequency is still known. `asleep`: so much of the jump is the time that the machine was suspended,
  // as the kernel has it from the RTC or a clock that goes on. What is held for true goes along with that,
  // but is not trusted: our clock counts as unsynchronised until there are new samples.
  [[nodiscard]] Decisions on_clock_jumped(base::Duration jump, const base::Now& now,
                                          base::Duration asleep = {});
  // The clock helper did not make the step that was ordered.
  [[nodiscard]] Decisions on_step_refused(const base::Now& now);
  // The error is a sentence for the operator.
  [[nodiscard]] std::expected<Decisions, std::string> apply(const OperatorCommand& order,
                                                            const base::Now& now);
  // Somebody says that it is `time` now.
  [[nodiscard]] std::expected<ManualResult, std::string> enter_time(base::RealTime time,
                                                                    const base::Now& now);
  [[nodiscard]] std::vector<ManualEntry> manual_entries() const;
  // How long until on_tick() is due, at most 64 s: leap seconds are made on time, and a source that does not
  // answer is not waited for any longer.
  [[nodiscard]] base::Duration tick_after(const base::Now& now) const;
  // What a file says of leap seconds; replaces what another said before. An empty one says nothing.
  void set_leap_table(LeapTable table);
  // A jump of the clock by somebody else's hand that is a leap second and no jump.
  [[nodiscard]] bool is_leap_second(base::Duration jump, const base::Now& now) const;
  // `smoothtime` command. False: smoothtime is not configured.
  bool activate_smoothing(const base::Now& now);
  bool reset_smoothing(const base::Now& now);
  // All samples are dropped, and our clock counts as unsynchronised until there are new ones.
  [[nodiscard]] Decisions reset(const base::Now& now);

  // What a dump file says of a source; nullopt: no sample of it is kept.
  [[nodiscard]] std::optional<Dump> history(base::SourceId id, const base::Now& now) const;
  // Takes that up again, before the source gave a sample. `dump` fits the source. Should its first sample be
  // elsewhere than the history foretells, the history is dropped.
  [[nodiscard]] Decisions restore(base::SourceId id, const Dump& dump, const base::Now& now);

  [[nodiscard]] std::span<const Verdict> verdicts() const;
  [[nodiscard]] PollAdvice poll_advice(base::SourceId id) const;
  [[nodiscard]] SourceStatistics statistics(base::SourceId id, const base::Now& now) const;
  [[nodiscard]] TrackingReport tracking(const base::Now& now) const;
  [[nodiscard]] SmoothingReport smoothing(const base::Now& now) const;
  [[nodiscard]] ServerView server_view(const base::Now& now) const;
  [[nodiscard]] DriftFile drift() const;
  [[nodiscard]] int updates() const;  // clock updates so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gnomon::engine
