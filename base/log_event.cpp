// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log_event.hpp"

#include <array>

namespace gnomon::base {

namespace {

// Without the sentences of the catalog: no process needs them.
constexpr std::array events{
#define GNOMON_EVENT(name, id, level, repeats, title, ...) \
  EventTraits{#name, id, LogLevel::level, Repeats::repeats, title},
#include "base/events/all.inc"
#undef GNOMON_EVENT
};

constexpr std::array fields{
#define GNOMON_FIELD(name, journal_name, identifies, ...) FieldTraits{journal_name, identifies},
#include "base/events/fields.inc"
#undef GNOMON_FIELD
};

}  // namespace

const EventTraits& traits_of(LogEvent event) {
  return events.at(static_cast<std::size_t>(event));
}

const FieldTraits& traits_of(LogField field) {
  return fields.at(static_cast<std::size_t>(field));
}

}  // namespace gnomon::base
