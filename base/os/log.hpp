// SPDX-License-Identifier: GPL-2.0-or-later
// Logs that write: lines for people, and the log of a process, which sends to the journal where it can.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/log.hpp"
#include "base/log_throttle.hpp"
#include "base/os/fd.hpp"
#include "base/time.hpp"

namespace gnomon::base {

enum class LogFormat : std::uint8_t {
  journal,   // "<4>text": what stderr of a service says to journald
  levels,    // the same, for gnomond, which passes it on to syslog
  timed,     // "2026-11-23T02:52:05Z text"
  text_only  // "text"
};
// In the environment of who writes into a pipe of gnomond's that leads to syslog.
inline constexpr const char* levels_variable = "GNOMON_LOG_LEVELS";
// journal when `fd` is the stream that systemd named in JOURNAL_STREAM, levels when it is a pipe and
// levels_variable is there, timed otherwise.
[[nodiscard]] LogFormat log_format_of(int fd);

// Writes every line with one write(2) and neither heap nor files, so that it works in every sandbox. Lines
// are cut at 2000 octets; control characters become '?'. Does not own the descriptor.
class StreamLog final : public Log {
 public:
  StreamLog(int fd, LogFormat format, LogLevel most_verbose = LogLevel::info)
      : fd_(fd), format_(format), most_verbose_(most_verbose) {}
  void take(const LogMessage& message) override;

 private:
  int fd_;
  LogFormat format_;
  LogLevel most_verbose_;
};

// Hears what a process has written to its log. Must not write to it.
class LogListener {
 public:
  virtual ~LogListener() = default;
  // As the journal gets them (add_message() in base/journal_datagram.hpp), whether there is one or not.
  virtual void on_written(Bytes fields) = 0;
};

inline constexpr std::size_t log_memory_size = 32768;

// Where the journal's socket is in roles, in place of standard input: their filters know it by that number,
// and let nothing through it but what goes to the journal (base/os/sandbox/journal_calls.hpp).
inline constexpr int journal_descriptor = 0;

// The log of a process: standard error, or the journal with all fields where standard error is the journal's.
// Its socket is opened when the log is made, before the process confines itself; sending needs sendto(2).
// What does not reach the socket is written to standard error. Repetitions are left out and counted. For one
// thread.
class ProcessLog final : public Log {
 public:
  // `role`: who speaks, "core"; not copied.
  explicit ProcessLog(std::string_view role, LogLevel most_verbose = LogLevel::info);
  ~ProcessLog() override;
  ProcessLog(const ProcessLog&) = delete;
  ProcessLog& operator=(const ProcessLog&) = delete;

  void take(const LogMessage& message) override;
  void report_suppressed() override;
  // All repetitions that were left out, whenever that was; at the end it does so by itself.
  void report_all_suppressed();
  // Repetitions of what earlier processes of the role have written are left out as well. `memory`: of
  // log_memory_size, from gnomond, and closed; -1: there is none.
  void remember_in(int memory);
  void set_role(std::string_view role) { role_ = role; }
  void set_most_verbose(LogLevel level) { most_verbose_ = level; }
  // nullptr: nobody. What is left out as repetition is not heard.
  void set_listener(LogListener* listener) { listener_ = listener; }
  // For roles, once, before they confine themselves: to journal_descriptor.
  void move_journal();
  // Standard error is another file than before.
  void look_at_stderr();

 private:
  void tell(const LogThrottle::Late& late);
  void put(const LogMessage& message, std::uint32_t left_out, Duration over);
  [[nodiscard]] bool reaches_journal(Bytes fields) const;

  std::string_view role_;
  LogLevel most_verbose_;
  LogFormat format_{};
  Fd journal_;
  LogListener* listener_ = nullptr;
  LogThrottle own_guard_;
  LogThrottle* guard_ = &own_guard_;
};

}  // namespace gnomon::base
