// SPDX-License-Identifier: GPL-2.0-or-later
// How much the core may ask of gnomond. What it asks for costs processes, lines of the log, messages to the
// service manager; one that asks for more than a daemon needs is not heard for a while. Time comes in as an
// argument.
#pragma once

#include <chrono>

#include "base/time.hpp"
#include "ipc/frame.hpp"

namespace gnomon::launcher {

class CorePace {
 public:
  // A message costs one of these; those after which a process is started or lines of the log are written,
  // ten.
  static constexpr base::Duration unit = std::chrono::milliseconds{500};
  static constexpr int at_once = 1000;

  void heard(ipc::MessageType message, base::MonoTime now);
  // From when on the next one is heard; in the past: now.
  [[nodiscard]] base::MonoTime next() const { return next_; }

 private:
  base::MonoTime next_;  // it is not remembered that nothing was asked for longer than `at_once`
};

}  // namespace gnomon::launcher
