// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/text/messages.hpp"

namespace gnomon::engine {

namespace {

using base::LogField;
using Fields = std::vector<base::FieldValue>;

void add(Fields& fields, LogField field, std::string_view text) {
  if (!text.empty()) fields.emplace_back(field, text);
}

Fields about_keys(const Note& n) {
  switch (n.kind) {
    case NoteKind::ke_succeeded:
      return {{LogField::aead, static_cast<int>(n.value)}};
    case NoteKind::ke_failed:
      return {{LogField::stage, n.stage}, {LogField::reason, n.reason}, {LogField::next_try, n.value}};
    case NoteKind::dates_forgiven:
      return {{LogField::reason, n.reason}, {LogField::next_try, n.value}};
    case NoteKind::cookies_recalled:
      return {{LogField::count, static_cast<int>(n.value)}, {LogField::age, n.bound}};
    case NoteKind::cookies_outdated:
      return {{LogField::age, n.value}};
    case NoteKind::cookies_rejected:
      return {{LogField::reason, n.text}};
    default:
      return {};
  }
}

Fields about_source(const Note& n) {
  switch (n.kind) {
    case NoteKind::falseticker:
      return {{LogField::offset, n.value}};
    case NoteKind::root_distance_exceeded:
    case NoteKind::jitter_exceeded:
    case NoteKind::stratum_refused:
      return {{LogField::bound, n.bound}};
    case NoteKind::source_address_changed:
    case NoteKind::source_moved:
      return {{LogField::new_address, n.text}};
    case NoteKind::kiss_received:
      return {{LogField::reason, n.text}};
    case NoteKind::resolve_failed:
      return {{LogField::next_try, n.value}, {LogField::reason, n.reason}};
    default:
      return about_keys(n);
  }
}

Fields about_clock(const Note& n) {
  switch (n.kind) {
    case NoteKind::no_majority:
    case NoteKind::date_majority_missing:
      return {{LogField::count, static_cast<int>(n.value)}};
    case NoteKind::clock_wrong:
      return {{LogField::offset, n.value}, {LogField::duration, n.bound}};
    case NoteKind::clock_stepped:
    case NoteKind::clock_jumped:
    case NoteKind::change_refused:
    case NoteKind::time_presumed:
      return {{LogField::offset, n.value}};
    case NoteKind::clock_impossible:
      return {{LogField::offset, n.value - n.bound}};
    case NoteKind::machine_slept:
      return {{LogField::duration, n.value}};
    case NoteKind::frequency_read:
    case NoteKind::frequency_clamped:
      return {{LogField::frequency, n.value}, {LogField::bound, n.bound}, {LogField::file, n.text}};
    case NoteKind::fallback_drift:
      return {{LogField::frequency, n.value}};
    case NoteKind::leap_announced:
    case NoteKind::leap_made:
    case NoteKind::leap_missed:
      return {{LogField::leap, static_cast<int>(n.value)}};
    case NoteKind::no_selectable_sources:
      return {{LogField::count, static_cast<int>(n.value)}};
    case NoteKind::clock_refused: {
      Fields fields;
      add(fields, LogField::reason, n.text);
      return fields;
    }
    default:
      return about_source(n);
  }
}

}  // namespace

std::vector<base::FieldValue> fields_of(const Note& note, const SourceNames& source) {
  Fields fields = about_clock(note);
  add(fields, LogField::source, source.name);
  add(fields, LogField::address, source.address);
  return fields;
}

}  // namespace gnomon::engine
