// SPDX-License-Identifier: GPL-2.0-or-later
// The samples of a source taken out when the daemon stops, and back in after it has started again. Stateless.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "daemon/core/engine/discipline/sample_record.hpp"
#include "daemon/core/engine/values/dump_file.hpp"
#include "daemon/core/engine/values/source_status.hpp"

namespace gnomon::engine {

// Our clock when the samples are taken out.
struct HistoryEnd {
  base::RealTime real;
  LocalTime local;
  base::Duration ahead{};  // of local time, see Timescale
  double rate = 0;         // that it goes on at when the daemon has ended, s/s
};
// By which a dump knows its source: that of a reference clock is a dot, as chrony has it.
[[nodiscard]] std::string name_in_dump(const SourceTraits& traits);
// `record` holds a sample.
[[nodiscard]] Dump dump_of(const SourceTraits& traits, std::uint8_t reach, const SampleRecord& record,
                           const HistoryEnd& end);

// Our clock when it was first looked at, and what it had run at since the dump was written. A name may be
// resolved long after that, when the clock has been corrected.
struct HistoryStart {
  base::RealTime real;
  base::MonoTime mono;
  double rate = 0;  // s/s
};
[[nodiscard]] std::vector<KeptSample> samples_of(const Dump& dump, const HistoryStart& start);

// Whether a first new sample is where the restored ones foretell it, so far as they can. A line without a
// frequency runs at `frequency_otherwise`, s/s.
[[nodiscard]] bool agrees(const KeptSample& first, const Estimate& restored, double frequency_otherwise);

}  // namespace gnomon::engine
