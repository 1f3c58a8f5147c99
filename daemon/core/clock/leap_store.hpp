// SPDX-License-Identifier: GPL-2.0-or-later
// The files that leap seconds are known from (leapseclist, leapsectz): read at start, once a day and on
// reload. Owned by the core.
#pragma once

#include <string>
#include <vector>

#include "base/os/log.hpp"
#include "base/time.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/leap/leap_table.hpp"

namespace gnomon::core {

class LeapStore {
 public:
  // Reads nothing yet.
  LeapStore(const config::ClockSettings& clock, base::Log& log);

  [[nodiscard]] bool configured() const { return !list_.empty() || !zone_.empty(); }
  // Reads again. What cannot be read or is wrong is complained of, and what it said before stays. The list
  // counts before the time zone, as long as it has not expired.
  void read(base::RealTime now);
  [[nodiscard]] const engine::LeapTable& table() const { return chosen_; }

  // What the files are, for the sandbox.
  [[nodiscard]] static std::vector<std::string> paths(const config::ClockSettings& clock);

 private:
  void read_list(base::RealTime now);
  void read_zone();
  void warn_of_expiry(base::RealTime now);
  void complain(const std::string& directive, const std::string& path, const std::string& why);

  std::string list_;
  std::string zone_;  // its file
  base::Log& log_;
  engine::LeapTable list_table_;
  engine::LeapTable zone_table_;
  engine::LeapTable chosen_;
};

}  // namespace gnomon::core
