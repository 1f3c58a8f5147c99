// SPDX-License-Identifier: GPL-2.0-or-later
// NoteWriter: keys of sources, dates of certificates, and the first minute with a clock that nobody has
// confirmed.
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "base/utc_text.hpp"
#include "daemon/core/engine/text/note_writer.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::engine {

namespace {

using base::LogEvent;
using base::LogField;

double seconds_of(base::Duration duration) {
  return base::to_seconds(duration).count();
}

}  // namespace

Message NoteWriter::operator()(const note::NtsNak&) const {
  return {LogEvent::nts_nak,
          "Received NTS NAK from " + who_ + ": its keys have changed, starting a new key exchange",
          {}};
}

Message NoteWriter::operator()(const note::KeSucceeded& n) const {
  return {LogEvent::ke_succeeded,
          fmt::format("NTS-KE with {} succeeded, AEAD {}", who_, n.aead),
          {{LogField::aead, n.aead}}};
}

Message NoteWriter::operator()(const note::KeProvisional&) const {
  return {LogEvent::ke_provisional,
          who_ +
              " is provisional: it may say what date it is, and does not count until its certificate is "
              "valid at that date",
          {}};
}

Message NoteWriter::operator()(const note::KeFailed& n) const {
  const double next = seconds_of(n.next_try);
  return {LogEvent::ke_failed,
          fmt::format("NTS-KE with {} failed : {}; {}", who_, n.text,
                      next < 1 ? "trying again at once" : fmt::format("next try in {:.0f} s", next)),
          {{LogField::stage, n.stage}, {LogField::reason, n.reason}, {LogField::next_try, next}}};
}

Message NoteWriter::operator()(const note::DatesForgiven& n) const {
  const double next = seconds_of(n.next_try);
  const bool untrusted = n.reason == protocol::to_text(protocol::KeFailureReason::certificate_untrusted);
  return {
      LogEvent::dates_forgiven,
      untrusted
          ? fmt::format(
                "NTS-KE with {} failed: {}. Is the authority missing (ntstrustedcerts), or an intermediate "
                "certificate that the server should send? The clock is not confirmed yet, and an authority "
                "may be valid at another time: the next attempt in {:.0f} s ignores dates",
                who_, n.text, next)
          : fmt::format("The certificate of {} does not fit our clock: {}. The clock is not confirmed yet, "
                        "so it may be the clock that is wrong: unless other sources confirm it, the next "
                        "attempt in {:.0f} s ignores the dates",
                        who_, n.text, next),
      {{LogField::reason, n.reason}, {LogField::next_try, next}}};
}

Message NoteWriter::operator()(const note::KeyMissing& n) const {
  return {LogEvent::source_needs_key,
          fmt::format("Key {} is missing: {} gets no requests without it; {}", n.id, who_,
                      n.has_file ? "add it to the file of `keyfile`, then run `gnomonctl rekey`"
                                 : "name the file that has it with `keyfile`"),
          {{LogField::key, n.id}}};
}

Message NoteWriter::operator()(const note::KeyShort& n) const {
  return {LogEvent::source_key_short,
          fmt::format("Key {} is too short: whoever sees requests to {} may guess it; create another with "
                      "`gnomonctl keygen {}`",
                      n.id, who_, n.id),
          {{LogField::key, n.id}}};
}

Message NoteWriter::operator()(const note::CookiesRecalled& n) const {
  return {LogEvent::cookies_recalled,
          fmt::format("{} NTS cookie{} of {} kept by the last run, from a key exchange {:.0f} s ago: no new "
                      "one is needed now",
                      n.count, n.count == 1 ? "" : "s", who_, n.age.count()),
          {{LogField::count, n.count}, {LogField::age, n.age.count()}}};
}

Message NoteWriter::operator()(const note::CookiesOutdated& n) const {
  return {LogEvent::cookies_outdated,
          fmt::format("The kept cookies of {} are {:.0f} s old, more than ntsrefresh: they are used only "
                      "until a new key exchange has succeeded",
                      who_, n.age.count()),
          {{LogField::age, n.age.count()}}};
}

Message NoteWriter::operator()(const note::CookiesRejected& n) const {
  return {
      LogEvent::cookies_rejected,
      fmt::format("The kept NTS cookies for {} are not used: {}; a new key exchange follows", who_, n.why),
      {{LogField::reason, n.why}}};
}

Message NoteWriter::operator()(const note::ClockImpossible& n) const {
  return {LogEvent::clock_impossible,
          fmt::format("The system clock reads {}, but it is {} at least: certificates are checked as of then "
                      "until the sources have provided the time",
                      base::utc_minutes(n.reading), base::utc_minutes(n.earliest)),
          {{LogField::offset, seconds_of(n.earliest - n.reading)}}};
}

Message NoteWriter::operator()(const note::TimePresumed& n) const {
  const double behind = n.behind.count();
  const auto state = std::fabs(behind) < 0.5
                         ? std::string{"right"}
                         : fmt::format("{} by {:.0f} s", behind < 0 ? "fast" : "slow", std::fabs(behind));
  return {LogEvent::time_presumed,
          fmt::format("The system clock seems to be {}, say {} of {} NTS sources: their certificates are "
                      "checked against that time before they count",
                      state, n.agreeing, n.sources),
          {{LogField::offset, behind}}};
}

Message NoteWriter::operator()(const note::DateMajorityMissing& n) const {
  return {
      LogEvent::date_majority_missing,
      fmt::format("{} of {} NTS sources tell another date than our clock: more than half of all must agree "
                  "before it is used. Check the others, or set the clock roughly (`timedatectl set-time`)",
                  n.votes, n.sources),
      {{LogField::count, n.votes}}};
}

Message NoteWriter::operator()(const note::TimeNotConfirmed&) const {
  return {LogEvent::time_not_confirmed,
          "No certificate is valid at the time that the NTS sources gave, so it is discarded. Check the "
          "clock (`date`) and the servers; the search starts over",
          {}};
}

}  // namespace gnomon::engine
