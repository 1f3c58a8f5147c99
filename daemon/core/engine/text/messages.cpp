// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/text/messages.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>

#include "base/utc_text.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::engine {

namespace {

using base::LogEvent;

struct ReasonName {
  Reason reason;
  char letter;
  std::string_view name;
};
constexpr std::array<ReasonName, 17> reasons{{{Reason::best, '*', "best"},
                                              {Reason::combined, '+', "combined"},
                                              {Reason::no_select, 'N', "no_select"},
                                              {Reason::missing_samples, 'M', "missing_samples"},
                                              {Reason::unsynchronised, 's', "unsynchronised"},
                                              {Reason::stratum_out_of_range, 'r', "stratum_out_of_range"},
                                              {Reason::distance_too_large, 'd', "distance_too_large"},
                                              {Reason::too_jittery, '~', "too_jittery"},
                                              {Reason::waits_for_others, 'w', "waits_for_others"},
                                              {Reason::stale, 'S', "stale"},
                                              {Reason::orphan, 'O', "orphan"},
                                              {Reason::not_agreed_by_trusted, 'T', "not_agreed_by_trusted"},
                                              {Reason::falseticker, 'x', "falseticker"},
                                              {Reason::waits_for_more, 'W', "waits_for_more"},
                                              {Reason::not_preferred, 'P', "not_preferred"},
                                              {Reason::provisional, 'p', "provisional"},
                                              {Reason::distant, 'D', "distant"}}};

const ReasonName& entry(Reason reason) {
  for (const auto& r : reasons)
    if (r.reason == reason) return r;
  return reasons.front();
}

// chrony's way: the address, and the name behind it where it is another.
std::string called(const SourceNames& s) {
  if (s.address.empty()) return s.name;
  if (s.name.empty() || s.name == s.address) return s.address;
  return fmt::format("{} ({})", s.address, s.name);
}

std::string_view leap_deed(double seconds) {
  return seconds > 0 ? "inserted" : "deleted";
}

std::string in_seconds(double value) {
  return fmt::format("{:.0f} s", value);
}

std::string date_text(double since_1970) {
  return base::utc_minutes(base::RealTime{std::chrono::seconds{static_cast<std::int64_t>(since_1970)}});
}

// What is kept over a restart, and certificates whose dates cannot be judged yet.
NoteText about_trust(const Note& n, const std::string& who) {
  switch (n.kind) {
    case NoteKind::ke_provisional:
      return {LogEvent::ke_provisional, who +
                                            " is provisional: it may say what date it is, and does not count "
                                            "until its certificate is valid at that date"};
    case NoteKind::dates_forgiven:
      if (n.reason == protocol::to_text(protocol::KeFailureReason::certificate_untrusted))
        return {LogEvent::dates_forgiven,
                fmt::format(
                    "NTS-KE with {} failed: {}. Is the authority missing (ntstrustedcerts), or an "
                    "intermediate certificate that the server should send? The clock is not confirmed yet, "
                    "and an authority may be valid at another time: the next attempt in {} ignores dates",
                    who, n.text, in_seconds(n.value))};
      return {LogEvent::dates_forgiven,
              fmt::format("The certificate of {} does not fit our clock: {}. The clock is not confirmed yet, "
                          "so it may be the clock that is wrong: unless other sources confirm it, the next "
                          "attempt in {} ignores the dates",
                          who, n.text, in_seconds(n.value))};
    case NoteKind::cookies_recalled:
      return {LogEvent::cookies_recalled, fmt::format("{:.0f} NTS cookie{} of {} kept by the last run, from "
                                                      "a key exchange {:.0f} s ago: no new one is needed now",
                                                      n.value, n.value == 1 ? "" : "s", who, n.bound)};
    case NoteKind::cookies_outdated:
      return {LogEvent::cookies_outdated,
              fmt::format("The kept cookies of {} are {:.0f} s old, more than ntsrefresh: they are used only "
                          "until a new key exchange has succeeded",
                          who, n.value)};
    default:
      return {LogEvent::cookies_rejected,
              fmt::format("The kept NTS cookies for {} are not used: {}; a new key exchange follows", who,
                          n.text)};
  }
}

// The source's own name, or (its text) the host that its NTS-KE server named.
std::string about_resolving(const Note& n, const SourceNames& s) {
  const auto next = in_seconds(n.value);
  if (n.text.empty())
    return fmt::format("Could not resolve address of {}: {}; next try in {}. Check the name and the DNS",
                       s.name, n.reason, next);
  if (base::parse_address(n.text))
    return fmt::format(
        "The NTS-KE server of {} names the NTP server {}, which -4, -6 or the source's own "
        "option leaves out; next try in {}",
        s.name, n.text, next);
  return fmt::format(
      "Could not resolve address of {}, the NTP server that the NTS-KE server of {} names: {}; "
      "next try in {}. Check the DNS",
      n.text, s.name, n.reason, next);
}

// A source that is never used for being beyond what the configuration allows.
NoteText about_limit(const Note& n, const std::string& who) {
  if (n.kind == NoteKind::root_distance_exceeded)
    return {LogEvent::root_distance_exceeded,
            fmt::format("Root distance of {} exceeds maxdistance of {:.3f} seconds: not used while it does",
                        who, n.bound)};
  if (n.kind == NoteKind::jitter_exceeded)
    return {LogEvent::jitter_exceeded,
            fmt::format("Jitter of {} exceeds maxjitter of {:.3f} seconds: not used while it does", who,
                        n.bound)};
  return {LogEvent::stratum_refused,
          fmt::format("Stratum of {} {} of {:.0f}: not used while it is", who,
                      n.value < n.bound ? "below minstratum" : "above maxstratum", n.bound)};
}

// Where the keys of a source come from.
NoteText about_keys(const Note& n, const std::string& who) {
  if (n.kind == NoteKind::nts_nak)
    return {LogEvent::nts_nak,
            "Received NTS NAK from " + who + ": its keys have changed, starting a new key exchange"};
  if (n.kind == NoteKind::ke_succeeded)
    return {LogEvent::ke_succeeded, fmt::format("NTS-KE with {} succeeded, AEAD {:.0f}", who, n.value)};
  return {LogEvent::ke_failed,
          fmt::format("NTS-KE with {} failed : {}; {}", who, n.text,
                      n.value < 1 ? "trying again at once" : "next try in " + in_seconds(n.value))};
}

NoteText about_source(const Note& n, const SourceNames& s) {
  const std::string who = called(s);
  switch (n.kind) {
    case NoteKind::selected_source:
      return {LogEvent::selected_source, "Selected source " + who};
    case NoteKind::falseticker:
      return {LogEvent::falseticker, "Detected falseticker " + who};
    case NoteKind::root_distance_exceeded:
    case NoteKind::jitter_exceeded:
    case NoteKind::stratum_refused:
      return about_limit(n, who);
    case NoteKind::source_reachable:
      return {LogEvent::source_reachable, "Source " + who + " reachable"};
    case NoteKind::source_unreachable:
      return {LogEvent::source_unreachable,
              "Source " + who + " unreachable: eight polls in a row without a usable answer"};
    case NoteKind::source_online:
      return {LogEvent::source_online, "Source " + who + " online"};
    case NoteKind::source_offline:
      return {LogEvent::source_offline, "Source " + who + " offline"};
    case NoteKind::source_address_changed:
      return {LogEvent::source_address_changed,
              fmt::format("Source {} replaced with {} ({})", s.address.empty() ? s.name : s.address, n.text,
                          s.name)};
    case NoteKind::source_moved:
      return {LogEvent::source_moved, fmt::format("Source {} changed to {} ({}), named by its NTS-KE server",
                                                  s.address.empty() ? s.name : s.address, n.text, s.name)};
    case NoteKind::source_is_ourselves:
      return {LogEvent::source_is_ourselves,
              "Source " + who + " is this daemon itself: its answers come from our own server, not used"};
    case NoteKind::source_follows_us:
      return {LogEvent::source_follows_us, "Source " + who + " follows us: not used while it does"};
    case NoteKind::kiss_received:
      return {LogEvent::kiss_received, fmt::format("Received KoD {} from {}", n.text, who)};
    case NoteKind::nts_nak:
    case NoteKind::ke_succeeded:
    case NoteKind::ke_failed:
      return about_keys(n, who);
    case NoteKind::start_was_wrong:
      return {LogEvent::start_was_wrong,
              "The clock was first set by " + who + ", which is a falseticker: corrected as at the start"};
    case NoteKind::history_dropped:
      return {LogEvent::history_dropped,
              "The samples kept of " + who +
                  " across the restart are dropped: the first new one does not agree with them, so the clock "
                  "was set or drifted in the meantime"};
    case NoteKind::ke_provisional:
    case NoteKind::dates_forgiven:
    case NoteKind::cookies_recalled:
    case NoteKind::cookies_outdated:
    case NoteKind::cookies_rejected:
      return about_trust(n, who);
    case NoteKind::resolve_failed:
      return {LogEvent::resolve_failed, about_resolving(n, s)};
    default:
      return {};
  }
}

NoteText about_leap(const Note& n) {
  switch (n.kind) {
    case NoteKind::leap_announced:
      if (n.value == 0)
        return {LogEvent::leap_announced, "A leap second is no longer announced for today (UTC)"};
      return {LogEvent::leap_announced, fmt::format("A leap second will be {} at the end of today (UTC): {}",
                                                    leap_deed(n.value), n.text)};
    case NoteKind::leap_made:
      return {LogEvent::leap_made, fmt::format("A leap second was {}: {}", leap_deed(n.value), n.text)};
    case NoteKind::leap_missed:
      return {LogEvent::leap_missed,
              fmt::format("A leap second was {} but the clock did not follow: this second is corrected like "
                          "any other error; see leapsecmode for other ways",
                          leap_deed(n.value))};
    default:
      return {};
  }
}

std::string slewing_advice(double seconds) {
  if (seconds < 3600) return {};
  if (!std::isfinite(seconds)) return ". No step is allowed, and maxslewrate allows no slew";
  return fmt::format(
      ". No step is allowed, and slewing takes {:.0f} hours at least: add `makestep 1 3` to the "
      "configuration and restart gnomond",
      std::ceil(seconds / 3600));
}

// The first minute with a clock that nobody has confirmed.
NoteText about_first_minute(const Note& n) {
  switch (n.kind) {
    case NoteKind::clock_impossible:
      return {LogEvent::clock_impossible,
              fmt::format("The system clock reads {}, but it is {} at least: certificates are checked as of "
                          "then until the sources have provided the time",
                          date_text(n.bound), date_text(n.value))};
    case NoteKind::time_presumed:
      return {LogEvent::time_presumed,
              fmt::format(
                  "The system clock seems to be {} by {:.0f} s, say {} NTS sources: their certificates are "
                  "checked against that time before they count",
                  n.value < 0 ? "fast" : "slow", std::fabs(n.value), n.text)};
    case NoteKind::date_majority_missing:
      return {LogEvent::date_majority_missing,
              fmt::format("{:.0f} of {:.0f} NTS sources tell another date than our clock: more than half of "
                          "all must agree before it is used. Check the others, or set the clock roughly "
                          "(`timedatectl set-time`)",
                          n.value, n.bound)};
    case NoteKind::time_not_confirmed:
      return {LogEvent::time_not_confirmed,
              "No certificate is valid at the time that the NTS sources gave, so it is discarded. Check the "
              "clock (`date`) and the servers; the search starts over"};
    default:
      return {};
  }
}

// Nobody is followed.
NoteText about_selection(const Note& n) {
  if (n.kind == NoteKind::no_selectable_sources)
    return {LogEvent::no_selectable_sources,
            fmt::format("Can't synchronise: {} selectable sources ({:.0f} unreachable sources); `gnomonctl "
                        "selectdata` gives the reason for each",
                        n.text, n.value)};
  const std::string vote =
      n.bound < 2 ? fmt::format("no agreement among {:.0f} {}sources", n.value, n.text)
                  : fmt::format("only {:.0f} of {:.0f} {}sources agree", n.bound, n.value, n.text);
  return {LogEvent::no_majority, fmt::format("Can't synchronise: no majority ({}); compare them with "
                                             "`gnomonctl sources` and remove those that are wrong",
                                             vote)};
}

NoteText about_clock(const Note& n) {
  switch (n.kind) {
    case NoteKind::no_selectable_sources:
    case NoteKind::no_majority:
      return about_selection(n);
    case NoteKind::clock_wrong:
      return {LogEvent::clock_wrong,
              fmt::format("System clock wrong by {:.6f} seconds{}", n.value, slewing_advice(n.bound))};
    case NoteKind::clock_stepped:
      return {LogEvent::clock_stepped, fmt::format("System clock was stepped by {:.6f} seconds", n.value)};
    case NoteKind::change_refused:
      return {LogEvent::change_refused,
              fmt::format("Adjustment of {:.6f} seconds exceeds maxchange and was not made", n.value)};
    case NoteKind::steering_frozen:
      return {LogEvent::steering_frozen, frozen_sentence()};
    case NoteKind::steering_resumed:
      return {LogEvent::steering_resumed, "The clock is steered again, at an operator's request"};
    case NoteKind::frequency_clamped:
      return {LogEvent::frequency_clamped,
              fmt::format("The frequency in {}, {:.3f} ppm, is beyond maxdrift: {:.3f} ppm is used", n.text,
                          n.value, n.value < 0 ? -n.bound : n.bound)};
    case NoteKind::fallback_drift:
      return {LogEvent::fallback_drift,
              fmt::format("Nothing corrects the clock: it now runs at a long-term average, {:.3f} ppm {}",
                          std::fabs(n.value), n.value < 0 ? "fast" : "slow")};
    case NoteKind::frequency_read:
      return {LogEvent::frequency_read,
              fmt::format("Frequency {:.3f} +/- {:.3f} ppm read from {}", n.value, n.bound, n.text)};
    case NoteKind::clock_refused:
      return {LogEvent::clock_refused, "The clock helper refused " + n.text};
    case NoteKind::machine_slept:
      return {LogEvent::machine_slept,
              fmt::format("The machine slept for {:.0f} s: the clock's frequency is kept, and all sources "
                          "are queried at once to measure its offset",
                          n.value)};
    case NoteKind::clock_jumped:
      return {LogEvent::clock_jumped, fmt::format("{} time jump detected! Another program set the system "
                                                  "clock by {:.6f} seconds; all sources are measured afresh",
                                                  n.value < 0 ? "Backward" : "Forward", n.value)};
    default: {
      NoteText text = about_leap(n);
      return text.text.empty() ? about_first_minute(n) : text;
    }
  }
}

}  // namespace

std::string frozen_sentence() {
  return "The clock is no longer steered: maxchange was exceeded more often than it allows. Find out whether "
         "the sources or the clock are wrong; then `gnomonctl makestep` resumes within maxchange, or restart "
         "gnomond for a larger correction";
}

std::string_view name_of(Reason reason) {
  return entry(reason).name;
}

char letter_of(Reason reason) {
  return entry(reason).letter;
}

NoteText words_for(const Note& note, const SourceNames& source) {
  NoteText text = about_source(note, source);
  return text.text.empty() ? about_clock(note) : text;
}

}  // namespace gnomon::engine
