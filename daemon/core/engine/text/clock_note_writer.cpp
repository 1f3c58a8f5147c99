// SPDX-License-Identifier: GPL-2.0-or-later
// NoteWriter: the clock, its frequency and leap seconds.
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "daemon/core/engine/text/note_writer.hpp"

namespace gnomon::engine {

namespace {

using base::LogEvent;
using base::LogField;

std::string slewing_advice(double seconds) {
  if (seconds < 3600) return {};
  if (!std::isfinite(seconds)) return ". No step is allowed, and maxslewrate allows no slew";
  return fmt::format(
      ". No step is allowed, and slewing takes {:.0f} hours at least: add `makestep 1 3` to the "
      "configuration and restart gnomond",
      std::ceil(seconds / 3600));
}

std::string_view words_of(note::ChangeRefused::Consequence consequence) {
  using Consequence = note::ChangeRefused::Consequence;
  switch (consequence) {
    case Consequence::ignored:
      return "ignored";
    case Consequence::steering_stops:
      return "steering stops";
    case Consequence::exiting:
      return "exiting";
  }
  std::unreachable();
}

std::string_view deed(int seconds) {
  return seconds > 0 ? "inserted" : "deleted";
}

}  // namespace

std::string frozen_sentence() {
  return "The clock is no longer steered: maxchange was exceeded more often than it allows. Find out whether "
         "the sources or the clock are wrong; then `gnomonctl makestep` resumes within maxchange, or restart "
         "gnomond for a larger correction";
}

Message NoteWriter::operator()(const note::ClockWrong& n) const {
  return {LogEvent::clock_wrong,
          fmt::format("System clock wrong by {:.6f} seconds{}", n.offset.count(),
                      slewing_advice(n.slewing.count())),
          {{LogField::offset, n.offset.count()}, {LogField::duration, n.slewing.count()}}};
}

Message NoteWriter::operator()(const note::ClockStepped& n) const {
  return {LogEvent::clock_stepped,
          fmt::format("System clock was stepped by {:.6f} seconds", n.by.count()),
          {{LogField::offset, n.by.count()}}};
}

Message NoteWriter::operator()(const note::StepForbidden& n) const {
  return {LogEvent::step_forbidden,
          fmt::format("Could not step system clock by {:.6f} seconds: makestep asks for it, -x forbids it",
                      n.offset.count()),
          {{LogField::offset, n.offset.count()}}};
}

Message NoteWriter::operator()(const note::ChangeRefused& n) const {
  return {LogEvent::change_refused,
          fmt::format("Adjustment of {:.3f} seconds exceeds the allowed maximum of {:.3f} seconds ({})",
                      n.offset.count(), n.limit.count(), words_of(n.consequence)),
          {{LogField::offset, n.offset.count()}, {LogField::bound, n.limit.count()}}};
}

Message NoteWriter::operator()(const note::SteeringFrozen&) const {
  return {LogEvent::steering_frozen, frozen_sentence(), {}};
}

Message NoteWriter::operator()(const note::SteeringResumed&) const {
  return {LogEvent::steering_resumed, "The clock is steered again, at an operator's request", {}};
}

Message NoteWriter::operator()(const note::FrequencyRead& n) const {
  return {
      LogEvent::frequency_read,
      fmt::format("Frequency {:.3f} +/- {:.3f} ppm read from {}", n.frequency.value, n.skew.value, n.file),
      {{LogField::frequency, n.frequency.value}, {LogField::bound, n.skew.value}, {LogField::file, n.file}}};
}

Message NoteWriter::operator()(const note::FrequencyClamped& n) const {
  const double used = std::copysign(n.limit.value, n.frequency.value);
  return {
      LogEvent::frequency_clamped,
      fmt::format("The frequency in {}, {:.3f} ppm, is beyond maxdrift: {:.3f} ppm is used", n.file,
                  n.frequency.value, used),
      {{LogField::frequency, n.frequency.value}, {LogField::bound, n.limit.value}, {LogField::file, n.file}}};
}

Message NoteWriter::operator()(const note::FallbackDrift& n) const {
  return {LogEvent::fallback_drift,
          fmt::format("Nothing corrects the clock: it now runs at a long-term average, {:.3f} ppm {}",
                      std::fabs(n.frequency.value), n.frequency.value < 0 ? "fast" : "slow"),
          {{LogField::frequency, n.frequency.value}}};
}

Message NoteWriter::operator()(const note::ClockRefused& n) const {
  return {LogEvent::clock_refused, "The clock helper refused " + n.what, {{LogField::reason, n.what}}};
}

Message NoteWriter::operator()(const note::ClockJumped& n) const {
  return {LogEvent::clock_jumped,
          fmt::format("{} time jump detected! Another program set the system clock by {:.6f} seconds; all "
                      "sources are measured afresh",
                      n.by.count() < 0 ? "Backward" : "Forward", n.by.count()),
          {{LogField::offset, n.by.count()}}};
}

Message NoteWriter::operator()(const note::MachineSlept& n) const {
  return {LogEvent::machine_slept,
          fmt::format("The machine slept for {:.0f} s: the clock's frequency is kept, and all sources are "
                      "queried at once to measure its offset",
                      n.length.count()),
          {{LogField::duration, n.length.count()}}};
}

Message NoteWriter::operator()(const note::LeapAnnounced& n) const {
  return {LogEvent::leap_announced,
          n.seconds == 0
              ? "A leap second is no longer announced for today (UTC)"
              : fmt::format("A leap second will be {} at the end of today (UTC): {}", deed(n.seconds), n.how),
          {{LogField::leap, n.seconds}}};
}

Message NoteWriter::operator()(const note::LeapMade& n) const {
  return {LogEvent::leap_made,
          fmt::format("A leap second was {}: {}", deed(n.seconds), n.how),
          {{LogField::leap, n.seconds}}};
}

Message NoteWriter::operator()(const note::LeapMissed& n) const {
  return {LogEvent::leap_missed,
          fmt::format("A leap second was {} but the clock did not follow: this second is corrected like any "
                      "other error; see leapsecmode for other ways",
                      deed(n.seconds)),
          {{LogField::leap, n.seconds}}};
}

Message NoteWriter::operator()(const note::TaiTold& n) const {
  return {LogEvent::tai_offset_set,
          fmt::format("System clock TAI offset set to {}", n.offset),
          {{LogField::offset, n.offset}}};
}

}  // namespace gnomon::engine
