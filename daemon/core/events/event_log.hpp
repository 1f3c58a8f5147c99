// SPDX-License-Identifier: GPL-2.0-or-later
// The messages that this process and gnomond have written to their logs, kept for `gnomonctl events`, and who
// waits for more of them. Owned by the program; for one thread.
#pragma once

#include "base/os/log.hpp"
#include "daemon/core/events/kept_log.hpp"

namespace gnomon::core {

class EventLog final : public KeptLog, public base::LogListener {
 public:
  using KeptLog::KeptLog;
  void on_written(base::Bytes fields) override { add(fields); }
};

}  // namespace gnomon::core
