// SPDX-License-Identifier: GPL-2.0-or-later
// Where messages for people go. An object that is passed to whatever has something to log; nothing global.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <variant>

#include "base/log_event.hpp"

namespace gnomon::base {

// {LogField::source, name}, {LogField::offset, seconds}: for programs that read the journal. Looks at texts
// and does not keep them.
struct FieldValue {
  LogField field{};
  std::variant<std::string_view, double, std::int64_t> value;

  FieldValue(LogField f, std::string_view text) : field(f), value(text) {}
  FieldValue(LogField f, double number) : field(f), value(number) {}
  template <std::integral Number>
  FieldValue(LogField f, Number number) : field(f), value(static_cast<std::int64_t>(number)) {}
};

struct LogMessage {
  LogEvent event{};
  std::string_view text;  // one line, in chrony's words where there are such
  std::span<const FieldValue> fields;
};

class Log {
 public:
  virtual ~Log() = default;
  virtual void take(const LogMessage& message) = 0;
  // The messages that were left out as repetitions and that no later one has told of: to be called now and
  // then by who lives long.
  virtual void report_suppressed() {}

  void write(LogEvent event, std::string_view text, std::initializer_list<FieldValue> fields = {}) {
    take({event, text, {fields.begin(), fields.size()}});
  }
};

}  // namespace gnomon::base
