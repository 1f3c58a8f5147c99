// SPDX-License-Identifier: GPL-2.0-or-later
// Writes into the measurement log what comes of samples, commands and time: each measurement, each clock
// update, each change of selection. Owned by the core, which hands everything in.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/core/clock/clock_driver.hpp"
#include "daemon/core/measurements/measurement_log.hpp"

namespace gnomon::core {

class MeasurementRecorder {
 public:
  struct Settings {
    double wander = 0;  // s/s: maxclockerror
    // Of a reference clock an unspecified one; nullopt: not resolved yet, or no source any more.
    std::function<std::optional<base::Endpoint>(base::SourceId)> endpoint;
    std::function<std::string(base::SourceId)> name;
  };
  // Records the start.
  MeasurementRecorder(MeasurementLog& log, Settings settings);

  void take(const ClockEvents& events, std::span<const engine::Verdict> verdicts);
  // After take(), and now and then: the clock as it is by now; updates: how many there were.
  void look(const engine::TrackingReport& tracking, int updates);

 private:
  struct Known {
    base::SourceId id;
    RecordedSource source;
    engine::SourceState state;
    bool present = false;
  };
  void record_selection(std::span<const engine::Verdict> verdicts);
  void record_state(const engine::Verdict& verdict, const base::Endpoint& endpoint);
  void record_end(const Known& known);
  [[nodiscard]] RecordedSource describe(base::SourceId id, const base::Endpoint& endpoint) const;

  MeasurementLog& log_;
  Settings settings_;
  std::vector<Known> known_;
  std::vector<engine::ClockCommand> commands_;  // since the last look
  int updates_ = 0;
  bool synchronised_ = false;
};

}  // namespace gnomon::core
