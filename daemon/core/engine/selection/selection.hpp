// SPDX-License-Identifier: GPL-2.0-or-later
// Which sources may set the clock and which one leads (RFC 5905 section 11.2.1): a pure function of what is
// known of each.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/selection/intersection.hpp"
#include "daemon/core/engine/values/verdict.hpp"

namespace gnomon::engine {

// What selection sees of one source.
struct Candidate {
  base::SourceId id;
  // as configured; authselectmode may add to them
  bool no_select = false;
  bool prefer = false;
  bool trust = false;
  bool require = false;
  bool authenticated = false;
  bool reference_clock = false;  // of this machine
  bool provisional = false;      // says what the date may be, and nothing more yet

  std::uint32_t samples = 0;
  std::uint32_t samples_needed = 3;
  std::optional<base::Duration> ready_in{};  // the soonest; none: nothing is to be expected of it
  std::uint8_t reach = 0;
  bool unreachable_too_long = false;  // more polls than maxunreach
  base::Duration last_sample{};       // age
  base::Duration first_sample{};      // age of the oldest sample that counts
  base::LeapIndicator leap = base::LeapIndicator::none;
  base::Stratum stratum;
  base::Seconds offset{};    // now; positive: our clock is behind
  base::Seconds distance{};  // bound on the error of offset
  base::Seconds jitter{};
  base::ReferenceId address_id;  // of its address
  base::ReferenceId local_id;    // of our address towards it; zero: not known
  double frequency = 0;          // s/s, with its bound
  double skew = 0;
  double score = 1;  // of the last selection
};

struct Selection {
  std::vector<Verdict> verdicts;  // in the order of the candidates
  std::optional<std::size_t> selected;
  SelectionOutcome outcome;
  std::optional<base::Duration> patience;  // what is left of it; none: nobody is selectable, or one selected
};

struct SelectionContext {
  const config::SelectionSettings& settings;
  std::optional<base::SourceId> current;  // selected the last time
  std::optional<base::SourceId> updated;  // has a new sample: scores move
  bool others_awaited = false;            // there may soon be further candidates
  // How long those that are ready still wait for others, while nobody is selected; none: they were not yet.
  std::optional<base::Duration> patience{};
  double clock_error = 1e-6;          // s/s, maxclockerror
  std::optional<int> orphan_stratum;  // `local orphan`: the stratum of servers like us
};

[[nodiscard]] Selection select(std::span<const Candidate> candidates, const SelectionContext& context);

}  // namespace gnomon::engine
