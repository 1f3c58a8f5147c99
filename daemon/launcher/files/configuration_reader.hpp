// SPDX-License-Identifier: GPL-2.0-or-later
// The configuration while the daemon runs: what is in force, and what its files say now. Nothing changes
// before use(). Owned by the supervisor.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "config/changes.hpp"
#include "config/command_line.hpp"
#include "config/parse.hpp"
#include "ipc/reload_messages.hpp"

namespace gnomon::launcher {

// Directives of which this daemon cannot take the new value while it runs, though others could: each with the
// reason, a clause.
using Unchangeable = std::map<std::string, std::string>;
using Pause = std::function<void(base::Duration)>;
using LimitsOf = std::function<Unchangeable(const config::Config& in_force, const config::Config& wanted)>;

class ConfigurationReader {
 public:
  using Part = std::variant<ipc::ConfigurationError, ipc::ConfigurationChange, ipc::ConfigurationLine,
                            ipc::ConfigurationEnd>;

  ConfigurationReader() = default;  // there are no files: nothing ever changes
  ConfigurationReader(config::CommandLine options, config::Parsed in_force, config::FileAccess files,
                      LimitsOf limits_of);

  // All files again; what was read before and not used is dropped. Those that are being written now are
  // waited for by `pause`, a few times.
  void read(const base::Clock& clock, const Pause& pause);
  // What came of it, one part after the other; after the last one the end again.
  [[nodiscard]] Part next();
  // How many errors, and the changes.
  [[nodiscard]] const std::vector<ipc::ConfigurationError>& errors() const { return errors_; }
  [[nodiscard]] const std::vector<config::Change>& changes() const { return changes_; }
  // What was read last is in force from now on. nullopt: nothing was, or it has errors.
  [[nodiscard]] std::optional<config::Config> use();

 private:
  void compare(const config::Parsed& wanted);
  void look_at_files(const config::Parsed& wanted);
  void complain(const config::Place& place, const std::string& word, std::string message);

  config::CommandLine options_;
  config::Parsed in_force_;
  config::FileAccess files_;
  LimitsOf limits_of_;
  std::vector<ipc::ConfigurationError> errors_;
  std::vector<config::Change> changes_;
  std::optional<config::Parsed> wanted_;  // what would be in force
  std::size_t next_ = 0;
};

}  // namespace gnomon::launcher
