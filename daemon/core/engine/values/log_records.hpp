// SPDX-License-Identifier: GPL-2.0-or-later
// What happened, as chrony's log files have it (chrony.conf(5), `log`): one struct per line, without words.
// Made by the engine, written by core/logs. Signs are chrony's, as each field says.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/values/packet_tests.hpp"
#include "daemon/core/engine/values/sample.hpp"
#include "daemon/core/engine/values/verdict.hpp"

namespace gnomon::engine {

// One packet that came from a source in answer to a request, whatever it is worth.
struct MeasurementRecord {
  base::RealTime time;  // middle of the exchange; where nothing was measured: when the packet came
  base::IpAddress address;
  base::LeapIndicator leap = base::LeapIndicator::unsynchronised;
  std::uint8_t stratum = 0;
  std::uint16_t tests = 0;  // see packet_test
  base::PollExponent poll;  // ours
  std::int8_t remote_poll = 0;
  base::Seconds offset{};  // positive: our clock is behind
  base::Seconds delay{};
  base::Seconds dispersion{};
  base::Seconds root_delay{};  // as the server says, like all below
  base::Seconds root_dispersion{};
  base::ReferenceId reference_id;
  std::uint8_t mode = 0;
  bool interleaved = false;
  StampSource sent = StampSource::daemon;
  StampSource received = StampSource::daemon;

  // Tests 1 to 7: the `measurements` log has no others.
  [[nodiscard]] bool is_fit() const { return (tests & packet_test::fit) == packet_test::fit; }
};

// A line was fitted to the samples of a source.
struct StatisticsRecord {
  base::RealTime time;             // of the last sample
  base::IpAddress address;         // unspecified: a reference clock
  base::ReferenceId reference_id;  // of a reference clock
  base::Seconds deviation{};
  base::Seconds offset{};  // positive: our clock is ahead
  base::Seconds offset_deviation{};
  double frequency = 0;  // s/s, of the corrected clock; positive: it gains
  double skew = 0;
  double stress = 0;          // change of frequency in units of the skew before
  std::uint32_t samples = 0;  // before some were dropped
  std::uint32_t dropped = 0;  // the oldest, as all together were no straight line
  std::uint32_t runs = 0;
  double asymmetry = 0;  // -0.5..0.5, of the jitter
};

// The clock was updated, or nothing is known of it any more (stratum 0).
struct TrackingRecord {
  base::RealTime time;
  base::IpAddress address;         // unspecified: the reference id has letters
  base::ReferenceId reference_id;  // "MANU": times entered by hand
  std::uint8_t stratum = 0;
  base::Ppm frequency;  // of the free-running clock; positive: fast
  base::Ppm skew;
  base::Seconds offset{};  // that the update found; positive: our clock is ahead
  base::LeapIndicator leap = base::LeapIndicator::unsynchronised;
  int combined = 0;  // sources
  base::Seconds offset_deviation{};
  base::Seconds remaining{};  // correction, before the update; positive: the system clock is slow
  base::Seconds root_delay{};
  base::Seconds root_dispersion{};
  base::Seconds max_error{};  // since the update before
};

// What a selection decided about one source.
struct SelectionRecord {
  base::RealTime time;
  base::SourceId source;
  base::IpAddress address;         // unspecified: not resolved yet
  base::ReferenceId reference_id;  // of a reference clock; zero: it is none
  Reason reason = Reason::missing_samples;
  SelectOptions options{};  // effective
  std::uint8_t reach = 0;
  double score = 1;
  base::Seconds last_sample{};  // age
  base::Seconds low{};          // of the offset; positive: our clock is ahead
  base::Seconds high{};
};

// The frequency is corrected by a temperature.
struct TemperatureRecord {
  base::RealTime time;
  double temperature = 0;  // as the sensor has it
  base::Ppm compensation;  // positive: the clock is made faster
};

// A reading of a reference clock, or what the median filter made of those of a poll interval.
struct RefclockRecord {
  base::RealTime time;
  base::ReferenceId reference_id;
  bool filtered = false;
  int polls = 0;  // of the device in this interval; of a filtered one not told, like raw_offset and pulse
  base::LeapIndicator leap = base::LeapIndicator::none;
  bool pulse = false;
  base::Seconds raw_offset{};  // positive: our clock is behind
  base::Seconds offset{};      // likewise, with what it has still to be corrected by and the option `offset`
  base::Seconds dispersion{};
};

// A second of the real-time clock began.
struct RtcRecord {
  base::RealTime time;             // system clock
  base::Seconds fast{};            // against the system clock; positive: the real-time clock is ahead
  bool known = false;              // whether the next two are
  base::Seconds estimated_fast{};  // against true time
  base::Ppm gain;
  std::uint32_t samples = 0;
  std::uint32_t runs = 0;
  base::Seconds pause{};  // until the next reading
};

using LogRecord = std::variant<MeasurementRecord, StatisticsRecord, TrackingRecord, SelectionRecord,
                               TemperatureRecord, RefclockRecord, RtcRecord>;
using LogRecords = std::vector<LogRecord>;

}  // namespace gnomon::engine
