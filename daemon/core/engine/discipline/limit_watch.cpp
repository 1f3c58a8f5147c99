// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/limit_watch.hpp"

#include <utility>

namespace gnomon::engine {

namespace {

std::optional<NoteKind> note_of_limit(Reason reason) {
  switch (reason) {
    case Reason::distance_too_large:
      return NoteKind::root_distance_exceeded;
    case Reason::too_jittery:
      return NoteKind::jitter_exceeded;
    case Reason::stratum_out_of_range:
      return NoteKind::stratum_refused;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Note> LimitWatch::look(const Verdict& verdict, base::Stratum stratum) {
  const auto kind = note_of_limit(verdict.reason);
  const bool goes_on = std::exchange(beyond_, verdict.reason) == verdict.reason;
  samples_ = kind && goes_on ? samples_ + 1 : 1;
  if (!kind) samples_ = 0;
  if (samples_ != enough) return std::nullopt;
  return Note{.kind = *kind,
              .source = verdict.source,
              .value = static_cast<double>(stratum.value),
              .bound = verdict.evidence.limit};
}

}  // namespace gnomon::engine
