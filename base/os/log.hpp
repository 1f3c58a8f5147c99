// SPDX-License-Identifier: GPL-2.0-or-later
// Where messages for people go. An object that is handed to whoever has something to say; nothing global.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/time.hpp"

namespace gnomon::base {

// syslog's numbers.
enum class LogLevel : std::uint8_t { critical = 2, error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

class Log {
 public:
  virtual ~Log() = default;
  // One line without its line break.
  virtual void write(LogLevel level, std::string_view line) = 0;

  void error(std::string_view line) { write(LogLevel::error, line); }
  void warning(std::string_view line) { write(LogLevel::warning, line); }
  void notice(std::string_view line) { write(LogLevel::notice, line); }
  void info(std::string_view line) { write(LogLevel::info, line); }
  void debug(std::string_view line) { write(LogLevel::debug, line); }
};

enum class LogFormat : std::uint8_t {
  journal,   // "<4>text": what stderr of a service says to journald
  timed,     // "2026-11-23T02:52:05Z text"
  text_only  // "text"
};
// journal when `fd` is the stream that systemd named in JOURNAL_STREAM, timed otherwise.
[[nodiscard]] LogFormat log_format_of(int fd);

// Writes every line with one write(2) and neither heap nor files, so that it works in every sandbox. Lines
// are cut at 2000 octets; control characters become '?'. Does not own the descriptor.
class StreamLog final : public Log {
 public:
  StreamLog(int fd, LogFormat format, LogLevel most_verbose = LogLevel::info)
      : fd_(fd), format_(format), most_verbose_(most_verbose) {}
  void write(LogLevel level, std::string_view line) override;

 private:
  int fd_;
  LogFormat format_;
  LogLevel most_verbose_;
};

// "2026-11-23T02:52:05Z", 20 characters. Does not look at the time zone files, as gmtime() does.
inline constexpr std::size_t utc_text_size = 20;
void format_utc(RealTime t, char* into);

}  // namespace gnomon::base
