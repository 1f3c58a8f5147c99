// SPDX-License-Identifier: GPL-2.0-or-later
// One reload at a time: asks gnomond for the configuration part by part, and when it is whole and right tells
// both gnomond and the core to use it. Until then nothing has changed. Owned by the core.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "daemon/core/control/reload_outcome.hpp"
#include "ipc/frame.hpp"

namespace gnomon::core {

class Reload {
 public:
  struct Handlers {
    std::function<void()> ask_to_read;   // ReadConfiguration
    std::function<void()> ask_for_more;  // NextConfigurationPart
    std::function<void()> ask_to_use;    // UseConfiguration
    // gnomond uses it: so does the core. The lines are the effective ones.
    std::function<void(const config::Config&, const std::vector<std::string>& lines)> adopt{};
  };
  explicit Reload(Handlers handlers) : handlers_(std::move(handlers)) {}

  [[nodiscard]] bool in_progress() const { return stage_ != Stage::none; }
  // dry_run: what it would change is told, and nothing changes. `done` is called once, perhaps at once.
  void begin(bool dry_run, control::ReloadDone done);
  // A message of gnomond's. False: it may not send that now.
  [[nodiscard]] bool take(const ipc::Frame& frame);

 private:
  enum class Stage : std::uint8_t { none, reading, using_it };
  [[nodiscard]] bool take_part(const ipc::Frame& frame);
  [[nodiscard]] bool on_end(const ipc::Frame& frame);
  void end();

  Handlers handlers_;
  Stage stage_ = Stage::none;
  bool dry_run_ = false;
  control::ReloadDone done_;
  control::ReloadOutcome outcome_;
  std::vector<std::string> lines_;
  std::optional<config::Config> config_;
};

}  // namespace gnomon::core
