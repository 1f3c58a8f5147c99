// SPDX-License-Identifier: GPL-2.0-or-later
// What was measured and decided, kept for `gnomonctl report` and `watch`, and who waits for more of it. Owned
// by the program; for one thread.
#pragma once

#include "daemon/core/events/kept_log.hpp"
#include "daemon/core/measurements/recorded.hpp"

namespace gnomon::core {

class MeasurementLog final : public KeptLog {
 public:
  using KeptLog::KeptLog;
  void record(const Recorded& recorded) { add(encode(recorded)); }
};

}  // namespace gnomon::core
