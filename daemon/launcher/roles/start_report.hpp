// SPDX-License-Identifier: GPL-2.0-or-later
// Reports that the start has succeeded or failed: to the shell that waits for a background daemon, to
// systemd, and to the reader of -N's descriptor.
#pragma once

#include <deque>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "config/command_line.hpp"
#include "daemon/launcher/files/synchronised_file.hpp"
#include "daemon/launcher/roles/log_relay.hpp"
#include "daemon/launcher/sockets/syslog_link.hpp"
#include "ipc/launcher_messages.hpp"

namespace gnomon::launcher {

// Becomes a daemon: returns in the grandchild with the pipe by which its success is reported. The process
// that was called waits for that and ends with status 0, or with 1 when the pipe closes without it.
[[nodiscard]] std::expected<base::Fd, std::string> become_daemon();

// gnomond's own messages go to standard error, and until the start has succeeded errors also to the terminal
// that standard error was before send_messages_away() moved it.
class StartLog final : public base::Log, private base::LogListener {
 public:
  StartLog(const config::CommandLine& options, const base::Clock& clock);
  ~StartLog() override;
  StartLog(const StartLog&) = delete;
  StartLog& operator=(const StartLog&) = delete;
  void take(const base::LogMessage& message) override;
  void report_suppressed() override { log_.report_suppressed(); }
  // Whether send_messages_away() does something.
  [[nodiscard]] static bool goes_away(const config::CommandLine& options, bool in_background) {
    return !options.log_file.empty() || in_background;
  }
  // Standard error, ours and the roles', becomes the -l file, or for a daemon in the background the journal,
  // or where there is none syslog.
  [[nodiscard]] std::expected<void, std::string> send_messages_away(const config::CommandLine& options,
                                                                    bool in_background);
  void forget_terminal() { terminal_.close(); }
  // Of -l and syslog: what the roles write to instead. None: our standard error is theirs.
  [[nodiscard]] const std::optional<LogRelay>& relay() const { return relay_; }
  void pass_on_messages();
  // When to call that again for messages that syslog has not taken; nullopt: there are none.
  [[nodiscard]] std::optional<base::MonoTime> next_try() const;
  // The oldest message that the core has not been told of; nullptr: there is none. A few are kept for it.
  [[nodiscard]] const ipc::MessageWritten* untold() const {
    return untold_.empty() ? nullptr : &untold_.front();
  }
  void told() { untold_.pop_front(); }
  // The file of -l again, which may have been renamed.
  void reopen();

 private:
  void on_written(base::Bytes fields) override;
  void move_to(const base::Fd& target);
  [[nodiscard]] std::expected<void, std::string> write_to_file(const std::string& path);
  [[nodiscard]] std::expected<void, std::string> write_to_syslog(const std::string& program);
  [[nodiscard]] std::expected<void, std::string> make_relay(base::LogFormat head);
  const base::Clock& clock_;
  base::ProcessLog log_;
  base::Fd terminal_;
  std::string file_;  // of -l
  std::optional<LogRelay> relay_;
  std::optional<SyslogLink> syslog_;  // none: the relay's messages go to standard error
  std::deque<ipc::MessageWritten> untold_;
};

class StartReport {
 public:
  StartReport(base::Fd parent, int notify_fd, SynchronisedFile file = {})
      : parent_(std::move(parent)), notify_fd_(notify_fd), file_(std::move(file)) {}
  void ready();     // once
  void stopping();  // once
  void status(const std::string& text, bool synchronised);
  void reloading(base::MonoTime now);
  void reloaded();
  void alive();  // for systemd's watchdog

 private:
  base::Fd parent_;
  int notify_fd_ = -1;
  SynchronisedFile file_;
};

}  // namespace gnomon::launcher
