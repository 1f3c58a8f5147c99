// SPDX-License-Identifier: GPL-2.0-or-later
// What the timekeeper has decided in one step: the core carries it out and reports back what came of it.
#pragma once

#include <optional>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/values/clock_command.hpp"
#include "daemon/core/engine/values/log_records.hpp"
#include "daemon/core/engine/values/note.hpp"

namespace gnomon::engine {

struct Decisions {
  std::vector<ClockCommand> commands;  // to be carried out in this order
  std::vector<Note> notes;
  LogRecords records;  // none unless the timekeeper was told to make them
  // Set on the first selection with an offset: what -q and -Q print (positive: our clock is behind).
  std::optional<base::Seconds> measured_offset;
  // The clock was found to be wrong by that and is being corrected (positive: it was behind).
  std::optional<base::Seconds> correction;
  bool drift_worth_saving = false;
  // It has been wrong for several samples: another address of its name may be better.
  std::optional<base::SourceId> to_replace;
  bool give_up = false;  // maxchange was exceeded more often than allowed, and the daemon is to end for it
};

}  // namespace gnomon::engine
