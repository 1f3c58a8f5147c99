// SPDX-License-Identifier: GPL-2.0-or-later
// Sends messages to syslog as syslog(3) does, but waits for nobody, and keeps what nobody takes. Owned by
// StartLog: roles have pipes to it, since none of them could find a syslog daemon again that was restarted.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/os/fd.hpp"
#include "base/time.hpp"

namespace gnomon::launcher {

class SyslogLink {
 public:
  // `program`: by what name we are known there. `path`: of the daemon's socket.
  explicit SyslogLink(std::string program, std::string path = "/dev/log")
      : program_(std::move(program)), path_(std::move(path)) {}
  SyslogLink(SyslogLink&&) noexcept = default;
  SyslogLink& operator=(SyslogLink&&) noexcept = default;
  ~SyslogLink();

  // To whoever listens at the path, with datagrams or a stream. send() does so where it is needed.
  bool connect();
  // "<4>text\n" each, behind what waits already; the facility is daemon, the time that of the call in the
  // machine's time zone (RFC 3164).
  void send(std::string_view lines, const base::Now& now);
  // When to send() again, be it nothing; nullopt: nothing waits.
  [[nodiscard]] std::optional<base::MonoTime> next_try() const { return next_try_; }
  // How many have found no room since the last time, once none waits any more; 0 before.
  [[nodiscard]] std::size_t take_lost();

  static constexpr std::size_t most_octets = 65536;  // that wait
  static constexpr base::Duration first_pause = std::chrono::milliseconds{100};
  static constexpr base::Duration longest_pause = std::chrono::seconds{30};

 private:
  void add(std::string_view line, const std::string& time);
  void try_all();
  [[nodiscard]] bool put(const std::string& message, int flags) const;
  [[nodiscard]] bool reaches(const std::string& message);

  std::string program_;
  std::string path_;
  base::Fd socket_;
  bool is_stream_ = false;
  std::deque<std::string> waiting_;
  std::size_t octets_ = 0;  // of those
  std::size_t lost_ = 0;
  base::Duration pause_ = first_pause;
  std::optional<base::MonoTime> next_try_;
};

}  // namespace gnomon::launcher
