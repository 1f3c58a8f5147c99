// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/limit_watch.hpp"

#include <algorithm>
#include <utility>

namespace gnomon::engine {

namespace {

std::optional<NoteSubject> beyond_limit(const Verdict& verdict, base::Stratum stratum) {
  const double limit = verdict.evidence.limit;
  switch (verdict.reason) {
    case Reason::distance_too_large:
      return note::RootDistanceExceeded{base::Seconds{limit}};
    case Reason::too_jittery:
      return note::JitterExceeded{base::Seconds{limit}};
    case Reason::stratum_out_of_range:
      return note::StratumRefused{stratum.value, static_cast<int>(limit)};
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Note> LimitWatch::look(const Verdict& verdict, base::Stratum stratum) {
  auto beyond = beyond_limit(verdict, stratum);
  const bool goes_on = std::exchange(beyond_, verdict.reason) == verdict.reason;
  samples_ = beyond && goes_on ? samples_ + 1 : 1;
  if (!beyond) samples_ = 0;
  const bool is_wrong = beyond || verdict.state == SourceState::falseticker;
  bad_ = is_wrong ? std::min(bad_ + 1, enough) : 0;
  if (samples_ != enough) return std::nullopt;
  return Note{std::move(*beyond), verdict.source};
}

}  // namespace gnomon::engine
