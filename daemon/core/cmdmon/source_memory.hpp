// SPDX-License-Identifier: GPL-2.0-or-later
// The list of sources as it was a moment ago: chronyc asks for one source after the other, each of which
// would otherwise build the report of all. Owned by the command server.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "daemon/core/control/reply_memory.hpp"
#include "daemon/core/control/reporter.hpp"

namespace gnomon::core::cmdmon {

class SourceMemory {
 public:
  using Sources = std::vector<control::SourceReport>;
  // Both outlive it.
  SourceMemory(const control::Reporter& reporter, std::function<base::MonoTime()> clock)
      : reporter_(reporter), clock_(std::move(clock)) {}

  // Good until the next call of either.
  [[nodiscard]] const Sources& sources() {
    using control::ReplyMemory;
    const auto begun = clock_();
    if (sources_ && begun < good_until_) return *sources_;
    sources_ = reporter_.sources();
    const auto done = clock_();
    good_until_ = done + std::max(ReplyMemory::moment, ReplyMemory::times_its_cost * (done - begun));
    return *sources_;
  }
  // A command was applied: what was known before may be wrong.
  void clear() { sources_.reset(); }

 private:
  const control::Reporter& reporter_;
  std::function<base::MonoTime()> clock_;
  std::optional<Sources> sources_;
  base::MonoTime good_until_;
};

}  // namespace gnomon::core::cmdmon
