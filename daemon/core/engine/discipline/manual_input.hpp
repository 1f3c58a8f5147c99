// SPDX-License-Identifier: GPL-2.0-or-later
// Times that somebody entered by hand, and the line through them: a source of its own kind. Owned by the
// timekeeper.
#pragma once

#include <deque>
#include <optional>

#include "base/time.hpp"
#include "daemon/core/engine/discipline/discipline.hpp"
#include "daemon/core/engine/estimation/estimator.hpp"
#include "daemon/core/engine/estimation/timescale.hpp"

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

  // The oldest goes when there are too many.
  void add(const Entry& entry);
  // False: there is none of that number.
  bool erase(std::size_t index);
  void clear() { entries_.clear(); }
  [[nodiscard]] const std::deque<Entry>& entries() const { return entries_; }
  // A frequency takes three entries; nullopt: there is none at all.
  [[nodiscard]] std::optional<Estimate> estimate() const;
  // The same, for the discipline.
  [[nodiscard]] std::optional<Combined> combined(LocalTime now, double frequency_otherwise) const;

 private:
  std::deque<Entry> entries_;  // the oldest first
};

}  // namespace gnomon::engine
