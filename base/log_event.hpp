// SPDX-License-Identifier: GPL-2.0-or-later
// All messages of gnomon as one table: base/events/*.inc has a row for each event, from which the identifiers
// here, the journal's message catalog and docs/events.md are generated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gnomon::base {

// A row of the table is GNOMON_EVENT(name, MESSAGE_ID, level, repeats, title, cause, effect, remedy). Its
// MESSAGE_ID is 128 random bits (`openssl rand -hex 16`) and, like its name, never changes: people filter by
// both. A new event needs a row and a call that writes it; `ninja -C build update-events` then regenerates
// docs/events.md.
enum class LogEvent : std::uint8_t {
#define GNOMON_EVENT(name, ...) name,
#include "base/events/all.inc"
#undef GNOMON_EVENT
};

inline constexpr std::size_t event_count = 0
#define GNOMON_EVENT(...) +1  // NOLINT(bugprone-macro-parentheses): a sum of them
#include "base/events/all.inc"
#undef GNOMON_EVENT
    ;

// syslog's numbers. critical and error: a human is needed; warning: something is wrong and may recover by
// itself. What a stranger's packet can cause is a notice at most, or limited.
enum class LogLevel : std::uint8_t { critical = 2, error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

enum class Repeats : std::uint8_t {
  limited,  // a few of the same, then rarely, with the number of those suppressed
  every     // operators' commands, starts and what is rare by nature
};

struct EventTraits {
  std::string_view name;        // "selected_source"
  std::string_view message_id;  // 32 hexadecimal digits
  LogLevel level;
  Repeats repeats;
  std::string_view title;  // "Another source is selected": stands for several of its messages
};
[[nodiscard]] const EventTraits& traits_of(LogEvent event);

enum class LogField : std::uint8_t {
#define GNOMON_FIELD(name, ...) name,
#include "base/events/fields.inc"
#undef GNOMON_FIELD
};

struct FieldTraits {
  std::string_view name;  // "GNOMON_SOURCE"
  bool identifies;        // two messages that differ in it are not repetitions
};
[[nodiscard]] const FieldTraits& traits_of(LogField field);

}  // namespace gnomon::base
