// SPDX-License-Identifier: GPL-2.0-or-later
// What is kept of the daemon's work for `gnomonctl report` and `watch`: what was measured, what became of the
// clock, what selection decided. Values, and their octets in the memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/values/verdict.hpp"

namespace gnomon::core {

// What a source is known by over restarts.
struct RecordedSource {
  std::string name;         // as configured; at most 255 octets are kept
  base::IpAddress address;  // unspecified: a reference clock
  std::uint16_t port = 0;   // of a reference clock 0
  friend bool operator==(const RecordedSource&, const RecordedSource&) = default;
};

// One exchange with a source, or what a reference clock gave in a poll interval.
struct RecordedMeasurement {
  RecordedSource source;
  base::Seconds offset{};  // positive: our clock is ahead
  base::Seconds delay{};   // round trip
  base::Seconds error{};   // bound on the offset's error: the root distance by this measurement
  std::uint8_t stratum = 0;
  bool used = false;                                              // it passed all tests
  engine::SourceState state = engine::SourceState::unselectable;  // by the selection that followed
  friend bool operator==(const RecordedMeasurement&, const RecordedMeasurement&) = default;
};

// The clock was updated, or told something, or is not synchronised any more, or is again.
struct RecordedClock {
  bool updated = false;                      // by sources: offset is what this update found
  base::Seconds offset{};                    // positive: our clock was ahead
  base::Seconds remaining{};                 // still to be corrected; positive: the system clock is slow
  std::optional<base::Seconds> error_bound;  // nullopt: not synchronised
  double growth = 0;                         // of the bound, s/s
  base::Ppm frequency;                       // of the free-running clock; positive: fast
  base::Ppm skew;
  std::optional<base::Seconds> step;  // the clock was told to step by that; positive: forwards
  base::Ppm slew;                     // and to run faster by that,
  base::Seconds slew_duration{};      // for so long
  friend bool operator==(const RecordedClock&, const RecordedClock&) = default;
};

// Selection has come to another result about a source.
struct RecordedSelection {
  RecordedSource source;
  std::optional<engine::SourceState> state;  // nullopt: it is no source any more
  engine::Reason reason = engine::Reason::missing_samples;
  friend bool operator==(const RecordedSelection&, const RecordedSelection&) = default;
};

// The daemon began: what was before is another process's.
struct RecordedStart {
  friend bool operator==(const RecordedStart&, const RecordedStart&) = default;
};

using Recorded = std::variant<RecordedMeasurement, RecordedClock, RecordedSelection, RecordedStart>;

[[nodiscard]] base::Buffer encode(const Recorded& recorded);
// nullopt: no Recorded. An earlier process may have written anything: numbers are finite, and within what
// could have been measured.
[[nodiscard]] std::optional<Recorded> decode_recorded(base::Bytes octets);

}  // namespace gnomon::core
