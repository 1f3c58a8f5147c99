// SPDX-License-Identifier: GPL-2.0-or-later
// One step of one association: when it happens, the random octets it may use, and the outcome being filled.
// Lives as long as Association::resume() runs; the parts of an association are handed it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/association/actions.hpp"
#include "daemon/core/engine/association/entropy.hpp"
#include "daemon/core/engine/association/nts_memory.hpp"
#include "daemon/core/engine/values/log_records.hpp"
#include "daemon/core/engine/values/note.hpp"
#include "daemon/core/engine/values/sample.hpp"

namespace gnomon::engine {

struct Step {
  Action action;
  std::optional<Sample> sample;               // a good measurement
  std::optional<MeasurementRecord> record{};  // of the packet that came
  std::vector<Note> notes;
  std::optional<NtsMemory> memory{};  // to be kept from now on
  bool reachability_changed = false;  // reach went to or from zero
  bool loop_begins = false;           // what was measured of this source is no longer to be followed
};

struct Turn {
  base::SourceId source;
  base::Now now;
  StepEntropy entropy;
  Step step{};

  // A further note about the source.
  void note(NoteSubject subject) { step.notes.push_back({std::move(subject), source}); }
  // 0 <= x < 1 each: what poll intervals and back-offs are spread by.
  [[nodiscard]] double wander() const { return wander_of(entropy); }
  [[nodiscard]] double jitter() const { return jitter_of(entropy); }
};

}  // namespace gnomon::engine
