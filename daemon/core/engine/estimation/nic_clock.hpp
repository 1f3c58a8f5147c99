// SPDX-License-Identifier: GPL-2.0-or-later
// A network card's clock against our free-running clock: readings in, a line out by which the card's
// timestamps become ours. Owned by the core's HardwareClocks.
#pragma once

#include <deque>
#include <optional>
#include <span>

#include "base/time.hpp"
#include "daemon/core/engine/estimation/timescale.hpp"

namespace gnomon::engine {

// One reading of the card's clock, between two of ours.
struct NicReading {
  LocalTime before;
  base::Duration card{};  // since the card's own beginning
  LocalTime after;
};

struct NicClockSettings {
  int min_samples = 2;
  int max_samples = 16;
  base::Seconds precision{100e-9};
};

// From the card's time to the free-running scale.
struct NicLine {
  base::Duration card{};  // at this time of the card
  LocalTime local;        // it was that
  double rate = 1;        // of the card's seconds in one of ours
  base::Seconds error{};  // of the last reading
};

class NicClock {
 public:
  explicit NicClock(const NicClockSettings& settings);

  // Readings of one moment. What cannot be of a clock that goes on (a jump, time that runs backwards) makes
  // it begin again.
  void add(std::span<const NicReading> readings);
  void clear();
  // nullopt: not enough readings since it began.
  [[nodiscard]] const std::optional<NicLine>& line() const { return line_; }
  [[nodiscard]] std::size_t samples() const { return samples_.size(); }

 private:
  struct Sample {
    base::Duration card{};
    LocalTime local;
    double error = 0;  // s
  };
  [[nodiscard]] std::optional<Sample> best_of(std::span<const NicReading> readings);
  void fit();

  NicClockSettings settings_;
  std::deque<Sample> samples_;
  std::optional<NicLine> line_;
  double typical_width_ = 0;  // s, of a reading that nothing disturbed
};

}  // namespace gnomon::engine
