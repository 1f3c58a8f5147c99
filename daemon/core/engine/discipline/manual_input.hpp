// SPDX-License-Identifier: GPL-2.0-or-later
// Times that somebody entered by hand, and the line through them: a source of its own kind. Owned by the
// timekeeper.
#pragma once

#include <cstddef>
#include <deque>
#include <expected>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/time.hpp"
#include "daemon/core/engine/discipline/discipline.hpp"
#include "daemon/core/engine/estimation/estimate.hpp"
#include "daemon/core/engine/estimation/timescale.hpp"
#include "daemon/core/engine/values/operator_command.hpp"
#include "daemon/core/engine/values/refusal.hpp"

namespace gnomon::engine {

class ManualInput {
 public:
  static constexpr std::size_t most_entries = 16;
  struct Entry {
    base::RealTime time;  // system clock
    LocalTime at;
    base::Duration theta{};    // see Observation
    base::Seconds original{};  // positive: our clock was ahead
  };

  // Errors are sentences for the operator.
  using Result = std::expected<void, Refusal>;

  explicit ManualInput(bool accepts) : accepts_(accepts) {}
  // Whether entries are accepted.
  [[nodiscard]] Result ready() const;
  // The oldest one goes when there are too many. An error: it follows the one before too soon.
  Result add(const Entry& entry);
  // The last one is taken back: it did not correct the clock.
  void withdraw() { entries_.pop_back(); }
  void clear() { entries_.clear(); }
  Result apply(const AcceptManual& command);
  Result apply(const ForgetManual&);
  Result apply(const DeleteManual& command);
  [[nodiscard]] const std::deque<Entry>& entries() const { return entries_; }
  // A frequency takes two entries; nullopt: there is none at all.
  [[nodiscard]] std::optional<Estimate> estimate() const;
  // The same, for the discipline; a frequency where there is none of its own, s/s.
  [[nodiscard]] std::optional<Combined> combined(LocalTime now, double frequency_otherwise) const;

  // As the operator is shown them.
  [[nodiscard]] std::vector<ManualEntry> list(const Discipline& discipline, const Timescale& timescale) const;

  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) { return std::tie(self.accepts_, self.entries_); }

 private:
  [[nodiscard]] Estimate line_through_both() const;

  bool accepts_;
  std::deque<Entry> entries_;  // the oldest first
};

}  // namespace gnomon::engine
