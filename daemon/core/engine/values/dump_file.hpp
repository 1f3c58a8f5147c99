// SPDX-License-Identifier: GPL-2.0-or-later
// The samples of one source as text, chrony's dump file: what a restart with -r takes up again. Pure
// functions.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"

namespace gnomon::engine {

// As the clock counts that was left behind, at the frequency it was left at: without steps, slews or
// corrections of frequency in between.
struct DumpedSample {
  base::RealTime time;
  base::Seconds offset{};      // positive: the clock was ahead
  base::Seconds measured{};    // the same when it was measured
  base::Seconds delay{};       // > 0
  base::Seconds dispersion{};  // both: of the exchange
  base::Seconds root_delay{};  // both: to the primary source, the exchange's share included
  base::Seconds root_dispersion{};
  friend bool operator==(const DumpedSample&, const DumpedSample&) = default;
};

struct Dump {
  std::string name;  // as configured
  bool authenticated = false;
  std::uint8_t reach = 0;
  std::uint8_t stratum = 0;
  base::LeapIndicator leap = base::LeapIndicator::none;
  std::vector<DumpedSample> samples;  // 1..64, the oldest first
  friend bool operator==(const Dump&, const Dump&) = default;
};

enum class DumpFault : std::uint8_t {
  not_a_dump,
  bad_value,      // a field is missing, no number, or impossible
  out_of_order,   // the samples' times do not grow
  other_source,   // it was written for another name
  other_trust,    // written unauthenticated for what is authenticated now, or the reverse
  in_the_future,  // of the clock as it is now: it was set back
  too_old         // written before the machine was started: nobody counted the time since
};
// A clause for the log: "it is not a dump of samples".
[[nodiscard]] std::string_view to_text(DumpFault fault);

//   SRC0
//   NAME
//   authenticated(0|1) reach(octal) polls_in_reach stratum leap
//   number_of_samples run_of_asymmetry
//   time offset measured delay dispersion root_delay root_dispersion     (each sample)
[[nodiscard]] std::string to_text(const Dump& dump);
[[nodiscard]] std::expected<Dump, DumpFault> parse_dump(std::string_view text);

// Whether it may be taken up for this source now.
[[nodiscard]] std::expected<void, DumpFault> fits(const Dump& dump, std::string_view name, bool authenticated,
                                                  const base::Now& now);

}  // namespace gnomon::engine
