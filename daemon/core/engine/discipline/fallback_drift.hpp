// SPDX-License-Identifier: GPL-2.0-or-later
// Long-term averages of the clock's frequency, to go back to when nothing corrects the clock any more
// (chrony's fallbackdrift). Owned by the timekeeper.
#pragma once

#include <optional>
#include <tuple>
#include <vector>

#include "base/time.hpp"
#include "config/config.hpp"

namespace gnomon::engine {

class FallbackDrift {
 public:
  // Averages over 2 s up to 2^30 s at most; nullopt, or the longest below the shortest: never falls back.
  explicit FallbackDrift(const std::optional<config::FallbackSpans>& spans);

  [[nodiscard]] bool used() const { return !averages_.empty(); }
  // The clock was updated: its frequency (s/s) was this one since the update before, `interval` ago.
  void learn(double frequency, base::Seconds interval);
  // The frequency to run at so long after the last update, when it is another average's turn: the longer ago,
  // the longer the average. One that has not seen its whole span is passed over.
  [[nodiscard]] std::optional<double> fall_back(base::Seconds since_update);

  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) { return std::tie(self.averages_, self.in_use_); }

 private:
  struct Average {
    double span = 0;  // s
    double seen = 0;  // s
    double frequency = 0;
    [[nodiscard]] auto state(this auto& self) { return std::tie(self.span, self.seen, self.frequency); }
  };
  std::vector<Average> averages_;  // the shortest first
  double in_use_ = 0;              // span of the one fallen back to since the last update; 0: none
};

}  // namespace gnomon::engine
