// SPDX-License-Identifier: GPL-2.0-or-later
// initstepslew: what the clock is corrected by before anything else, a few other sources than those that are
// configured. Decides when that is over; the core carries it out.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/os/log.hpp"
#include "base/time.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/values/reports.hpp"

namespace gnomon::core {

class InitialCorrection {
 public:
  InitialCorrection(config::InitStepSlew settings, base::Log& log);

  // Its hosts as sources, in the order in which they are given.
  [[nodiscard]] std::vector<config::Source> sources() const;
  // The clock is corrected now. positive: it is behind.
  void measured(base::Seconds offset);
  // None of these can be selected any more: those that do not answer have been asked as often as a burst is
  // long, and the others have had the time of seven polls to come to an agreement. Says so.
  [[nodiscard]] bool is_hopeless(std::span<const engine::AssociationReport> sources, base::MonoTime now);

 private:
  config::InitStepSlew settings_;
  base::Log& log_;
  std::optional<base::MonoTime> began_;
};

}  // namespace gnomon::core
