// SPDX-License-Identifier: GPL-2.0-or-later
// What the engine wants the journal to say, as a value; daemon/core turns it into words and fields.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/units.hpp"

namespace gnomon::engine {

enum class NoteKind : std::uint8_t {
  selected_source,         // source
  no_selectable_sources,   // value: unreachable ones, text: of what there are none ("no", "not enough")
  no_majority,             // value: number of sources that vote, bound: how many agree, text: "trusted "
  root_distance_exceeded,  // source, bound: maxdistance, s
  jitter_exceeded,         // source, bound: maxjitter, s
  stratum_refused,         // source, value: its stratum, bound: minstratum or maxstratum
  falseticker,             // source
  start_was_wrong,         // source; the first correction followed it
  source_reachable,        // source
  source_unreachable,      // source
  source_online,           // source
  source_offline,          // source
  source_address_changed,  // source, text: new address
  source_moved,            // source, text: new address; by its NTS-KE server's word
  source_is_ourselves,     // source
  source_follows_us,       // source
  kiss_received,           // source, text: code
  nts_nak,                 // source
  ke_succeeded,            // source, value: AEAD number
  ke_provisional,          // source; the certificate's dates do not fit our clock, which is not trusted
  ke_failed,         // source, text: stage, reason, detail and remedy, value: seconds until the next try
  dates_forgiven,    // source, text: what is wrong with the dates
  cookies_recalled,  // source, value: how many, bound: age of their NTS-KE, s
  cookies_outdated,  // source, value: age of their NTS-KE, s
  cookies_rejected,  // source, text: why
  clock_impossible,  // value: the time is at least, bound: the clock reads (s since 1970)
  time_presumed,     // value: seconds that the clock is behind, text: "2 of 3" NTS sources agree
  // value: so many NTS sources tell another date than the clock, bound: of so many
  date_majority_missing,
  time_not_confirmed,
  resolve_failed,     // source, value: seconds until the next try, text: the host that NTS-KE named
  clock_wrong,        // value: seconds, bound: seconds that slewing takes at least; 0: none, or a step
  clock_stepped,      // value: seconds
  change_refused,     // value: seconds; maxchange
  steering_frozen,    // maxchange was exceeded too often
  steering_resumed,   // by command
  frequency_clamped,  // value: ppm, bound: maxdrift, text: file
  fallback_drift,     // value: ppm (what is added to the free-running clock)
  frequency_read,     // value: ppm, bound: ppm, text: file
  clock_refused,      // text: what the clock helper refused
  history_dropped,    // source
  clock_jumped,       // value: seconds; somebody else set the clock
  machine_slept,      // value: seconds
  leap_announced,     // value: seconds inserted at the end of the day, 0: none after all; text: who does it
  leap_made,          // value: seconds inserted; text: how
  leap_missed         // value: seconds inserted; whoever was to make it did not
};

struct Note {
  NoteKind kind{};
  base::SourceId source;
  double value = 0;
  std::string text;
  double bound = 0;         // of value, where it has one
  std::string_view stage;   // ke_failed: how far it came, in words that last
  std::string_view reason;  // ke_failed, dates_forgiven, resolve_failed: why, likewise
};

}  // namespace gnomon::engine
