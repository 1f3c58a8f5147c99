// SPDX-License-Identifier: GPL-2.0-or-later
// What selection decided about each source, why, and on which numbers. Reports, journal and tests show these
// values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "base/units.hpp"

namespace gnomon::engine {

// chrony's `sources` letters: * + - x ~ ?. Records and what is kept over an upgrade hold the numbers of these
// and of Reason: what is added goes to the end.
enum class SourceState : std::uint8_t { selected, combined, selectable, falseticker, jittery, unselectable };

// The comments begin with chrony's `selectdata` letters; words and letters are in text/messages.cpp.
enum class Reason : std::uint8_t {
  best,                   // *
  combined,               // +
  no_select,              // N: configured so, or demoted by authselectmode
  missing_samples,        // M
  unsynchronised,         // s: the server says so
  stratum_out_of_range,   // r
  distance_too_large,     // d
  too_jittery,            // ~
  waits_for_others,       // w
  stale,                  // S: unreachable and its last sample too old
  orphan,                 // O
  not_agreed_by_trusted,  // T
  falseticker,            // x
  waits_for_more,         // W: fewer than minsources, or a required source is missing
  not_preferred,          // P
  provisional,            // p: its certificate does not fit our clock, which nobody has confirmed yet
  distant                 // D: too far from the best one to be combined
};

struct Evidence {
  base::Seconds offset{};    // estimate at the time of selection; positive: our clock is behind
  base::Seconds distance{};  // root distance
  base::Seconds low{};       // interval of the source's time: offset -+ distance
  base::Seconds high{};
  double score = 1;
  double limit = 0;      // the limit that was hit, where the reason has one
  base::Duration age{};  // of the last sample at that time; 0: there is none
};

struct SelectOptions {
  bool no_select = false;
  bool prefer = false;
  bool trust = false;
  bool require = false;
};

struct Verdict {
  base::SourceId source;
  SourceState state = SourceState::unselectable;
  Reason reason = Reason::missing_samples;
  Evidence evidence;
  SelectOptions effective{};  // as configured, and as authselectmode adds to them
  // Whether the clock follows the source.
  [[nodiscard]] bool steers() const {
    return state == SourceState::selected || state == SourceState::combined;
  }
};

// Of so many voters, the trusted ones where there are any and all otherwise, only so many agree.
struct Disagreement {
  std::size_t agreeing = 0;
  std::size_t voters = 0;
  bool trusted = false;
};

// The time on which most voters agree, as the interval of our clock's offset (see Evidence).
struct Consensus {
  std::size_t agreeing = 0;
  std::size_t voters = 0;
  base::Seconds low{};
  base::Seconds high{};
};

// What kept all sources out, where they did not contradict each other.
enum class Lack : std::uint8_t { selectable, enough, required };

// The last selection as a whole, beside its verdicts.
struct SelectionOutcome {
  std::optional<Disagreement> disagreement;  // there were candidates, and no majority of them agreed
  std::optional<Consensus> consensus;        // a majority agreed
  Lack lack = Lack::selectable;              // if none is selected without a disagreement
  std::size_t unreachable = 0;               // candidates that do not answer
};

}  // namespace gnomon::engine
