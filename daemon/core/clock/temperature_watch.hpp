// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the sensor of `tempcomp` now and then. Its files are opened by the launcher each time, as a sensor
// may come, go and be another. Owned by the core.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "base/time.hpp"
#include "config/hardware.hpp"
#include "daemon/core/clock/compensation.hpp"
#include "daemon/core/engine/values/log_records.hpp"
#include "ipc/launcher_messages.hpp"

namespace gnomon::core {

class TemperatureWatch {
 public:
  // Asks for a file; it, or the reason why there is none, comes to opened(), at once or later.
  using Open = std::function<void(ipc::FileKind)>;
  TemperatureWatch(const config::TemperatureCompensation& settings, base::Log& log, Open open);

  [[nodiscard]] base::Duration interval() const;
  void look();
  // What the clock is to be compensated by from now on; nullopt: as before. No file: `reason` says why.
  [[nodiscard]] std::optional<engine::TemperatureRecord> opened(ipc::FileKind kind, const base::Fd& file,
                                                                const std::string& reason,
                                                                base::RealTime now);
  // What the clock was compensated by last, for the log when the daemon ends; nullopt: nothing yet.
  [[nodiscard]] std::optional<engine::TemperatureRecord> last_record(base::RealTime now) const;

 private:
  void take_points(const base::Fd& file, const std::string& reason);
  [[nodiscard]] std::optional<engine::TemperatureRecord> take_temperature(double temperature,
                                                                          base::RealTime now);
  void complain(base::LogEvent event, const std::string& text, const std::string& file);

  config::TemperatureCompensation settings_;
  base::Log& log_;
  Open open_;
  std::vector<TemperaturePoint> points_;
  std::optional<engine::TemperatureRecord> last_;
  bool failed_ = false;  // and that was said
};

}  // namespace gnomon::core
