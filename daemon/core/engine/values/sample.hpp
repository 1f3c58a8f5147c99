// SPDX-License-Identifier: GPL-2.0-or-later
// One measurement of a source: what an association makes of one exchange, and all that selection and
// discipline see of it.
#pragma once

#include <optional>

#include "base/address.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace gnomon::engine {

enum class StampSource : std::uint8_t { daemon, kernel, hardware };

// A reading of the system clock at the moment a packet left or arrived, and who took it.
struct Stamp {
  base::RealTime time;
  StampSource source = StampSource::daemon;
  // Of a packet over PTP that a network card has timestamped: how long it was from its first bit to its last,
  // and how long transparent clocks say that they held it.
  base::Seconds on_wire{};
  base::Seconds held{};
};

// When the packets of an exchange left and arrived, by our clock, which may have been corrected in between.
struct Span {
  base::RealTime sent;
  base::RealTime received;
  base::Seconds remote{};  // from their arrival there to the departure from there, by the other's clock
  double drift = 0;        // s/s, by which our frequency may be wrong: so much of the dispersion is of that
};

struct Sample {
  base::RealTime time;         // system clock, middle of the exchange as we saw it
  base::MonoTime mono;         // the same moment, for ages
  base::Seconds offset{};      // server minus client (RFC 5905 section 8): positive, our clock is behind
  base::Seconds delay{};       // round trip, above 0
  base::Seconds dispersion{};  // precision of both clocks and drift during the exchange
  base::Seconds root_delay{};  // of the server, to its primary source
  base::Seconds root_dispersion{};
  base::Stratum stratum;
  base::ReferenceId reference_id;  // what the server follows
  base::LeapIndicator leap = base::LeapIndicator::none;
  bool authenticated = false;
  base::IpAddress local{};     // ours, that the answer came to; unspecified: not known
  std::optional<Span> span{};  // of an exchange that may have taken a poll interval: that with a peer
  // By how much the source says that it has set its clock on since the last sample (extension field F323):
  // what was measured before was wrong by that.
  base::Seconds source_moved{};
  // Bound on the error of this sample: root_dispersion + dispersion + (root_delay + delay) / 2.
  [[nodiscard]] base::Seconds root_distance() const {
    return root_dispersion + dispersion + (root_delay + delay) / 2.0;
  }
};

}  // namespace gnomon::engine
