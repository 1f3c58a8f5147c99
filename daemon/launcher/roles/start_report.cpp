// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/start_report.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "base/os/systemd.hpp"

namespace gnomon::launcher {
namespace {

using base::Fd;
using base::LogLevel;

// Ends the process that was called, when the daemon has reported or is gone.
[[noreturn]] void wait_for_report(const Fd& report, pid_t child) {
  char octet = 0;
  ssize_t got = -1;
  do {
    got = read(report.get(), &octet, 1);
  } while (got < 0 && errno == EINTR);
  (void)waitpid(child, nullptr, 0);
  _exit(got == 1 ? 0 : 1);
}

// -L: 0 informational, 1 warnings, 2 errors, 3 fatal; below 0 and -d -d everything.
LogLevel verbosity(const config::CommandLine& options) {
  if (options.debug > 1 || options.log_level < 0) return LogLevel::debug;
  constexpr std::array levels{LogLevel::info, LogLevel::warning, LogLevel::error, LogLevel::critical};
  const auto level = static_cast<std::size_t>(options.log_level);
  return level < levels.size() ? levels.at(level) : LogLevel::critical;
}

// The environment is how a stream says that it is the journal.
void announce_stream(int fd) {
  struct stat file{};
  if (fstat(fd, &file) != 0) return;
  setenv("JOURNAL_STREAM", fmt::format("{}:{}", file.st_dev, file.st_ino).c_str(), 1);
}

// What can be made in the folder by others than root and us may be a link of theirs to a file that they may
// not write.
bool is_ours_alone(const Fd& folder) {
  struct stat found{};
  if (fstat(folder.get(), &found) != 0) return false;
  const bool others_may_write = (found.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  return (found.st_uid == 0 || found.st_uid == geteuid()) && !others_may_write;
}

Fd open_log_file(const std::filesystem::path& path) {
  const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  const Fd folder{open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!folder) return {};
  const int links = is_ours_alone(folder) ? 0 : O_NOFOLLOW;
  return Fd{
      openat(folder.get(), path.filename().c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | links, 0640)};
}

void tell_systemd(const std::string& state) {
  // Outside systemd there is nobody to tell.
  [[maybe_unused]] const auto told = base::notify_systemd(state);
}

}  // namespace

std::expected<Fd, std::string> become_daemon() {
  auto pipe = base::make_pipe(base::Blocking::yes);
  if (!pipe) return std::unexpected(to_string(pipe.error()));
  const pid_t child = fork();
  if (child < 0) return std::unexpected(to_string(base::last_error("fork")));
  if (child > 0) {
    pipe->writer.close();
    wait_for_report(pipe->reader, child);
  }
  setsid();
  // A second time, so that the daemon leads no session and can get no terminal.
  const pid_t grandchild = fork();
  if (grandchild < 0) return std::unexpected(to_string(base::last_error("fork")));
  if (grandchild > 0) _exit(0);
  if (chdir("/") != 0) return std::unexpected(to_string(base::last_error("chdir")));
  return std::move(pipe->writer);
}

StartLog::StartLog(const config::CommandLine& options, const base::Clock& clock)
    : clock_(clock), log_("launcher", verbosity(options)) {
  log_.set_listener(this);
}

void StartLog::on_written(base::Bytes fields) {
  constexpr std::size_t most = 32;
  if (fields.size() > ipc::MessageWritten::most_octets) return;
  if (untold_.size() == most) untold_.pop_front();
  untold_.push_back({.at = clock_.now(), .fields = {fields.begin(), fields.end()}});
}

// What syslog does not take now nobody waits for any more.
StartLog::~StartLog() {
  log_.report_all_suppressed();
  pass_on_messages();
}

void StartLog::take(const base::LogMessage& message) {
  log_.take(message);
  if (syslog_) pass_on_messages();
  if (terminal_) base::StreamLog(terminal_.get(), base::LogFormat::text_only, LogLevel::error).take(message);
}

void StartLog::move_to(const Fd& target) {
  if (!target) return;
  dup2(target.get(), STDERR_FILENO);
  dup2(target.get(), STDOUT_FILENO);
  log_.look_at_stderr();
}

std::expected<void, std::string> StartLog::send_messages_away(const config::CommandLine& options,
                                                              bool in_background) {
  if (!goes_away(options, in_background)) return {};
  terminal_ = Fd{fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)};
  if (!options.log_file.empty()) return write_to_file(options.log_file);
  if (const auto journal = base::open_journal_stream("gnomond")) {
    announce_stream(journal->get());
    move_to(*journal);
    return {};
  }
  return write_to_syslog(options.program);
}

std::expected<void, std::string> StartLog::make_relay(base::LogFormat head) {
  auto relay = LogRelay::make(head);
  if (!relay) return std::unexpected("Could not make the pipe of messages: " + to_string(relay.error()));
  relay_ = std::move(*relay);
  return {};
}

std::expected<void, std::string> StartLog::write_to_syslog(const std::string& program) {
  if (auto made = make_relay(base::LogFormat::levels); !made) return made;
  SyslogLink link{program};
  if (!link.connect())
    write(
        base::LogEvent::messages_lost,
        "There is neither a journal nor a syslog daemon at /dev/log: messages wait for one; use -l FILE, or "
        "-n to stay in the foreground");
  setenv(base::levels_variable, "1", 1);
  const Fd entry{fcntl(relay_->own_entry(), F_DUPFD_CLOEXEC, 3)};
  move_to(entry);
  syslog_.emplace(std::move(link));
  return {};
}

std::expected<void, std::string> StartLog::write_to_file(const std::string& path) {
  const Fd file = open_log_file(path);
  if (!file)
    return std::unexpected(
        fmt::format("Could not open the log file {}: {}; name another with -l", path, std::strerror(errno)));
  if (auto made = make_relay(base::LogFormat::timed); !made) return made;
  file_ = path;
  move_to(file);
  return {};
}

void StartLog::pass_on_messages() {
  if (!relay_) return;
  const auto now = clock_.now();
  const auto lines = relay_->take(now.mono);
  // A disk that is full loses it, as it would have without us.
  if (!syslog_) {
    if (!lines.empty()) (void)!::write(STDERR_FILENO, lines.data(), lines.size());
    return;
  }
  syslog_->send(lines, now);
  if (const auto lost = syslog_->take_lost(); lost > 0)
    write(base::LogEvent::messages_lost,
          fmt::format("{} messages are lost, because nothing took them at /dev/log for too long", lost),
          {{base::LogField::count, lost}});
}

std::optional<base::MonoTime> StartLog::next_try() const {
  return syslog_ ? syslog_->next_try() : std::nullopt;
}

void StartLog::reopen() {
  if (file_.empty()) return;
  pass_on_messages();
  const Fd file = open_log_file(file_);
  if (file) return move_to(file);
  const auto why = to_string(base::last_error("open"));
  write(base::LogEvent::log_file_not_reopened,
        fmt::format("Could not open the log file {} again, going on in the one that is open: {}", file_, why),
        {{base::LogField::file, file_}, {base::LogField::reason, why}});
}

void StartReport::ready() {
  tell_systemd("READY=1");
  const char octet = '\n';
  if (parent_) (void)!write(parent_.get(), &octet, 1);
  parent_.close();
  if (notify_fd_ >= 0) {
    (void)!write(notify_fd_, &octet, 1);
    close(notify_fd_);
  }
}

void StartReport::stopping() {
  file_.set(false);
  tell_systemd("STOPPING=1");
}

void StartReport::status(const std::string& text, bool synchronised) {
  tell_systemd("STATUS=" + text);
  file_.set(synchronised);
}

void StartReport::reloading(base::MonoTime now) {
  const auto time = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch());
  tell_systemd(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", time.count()));
}

void StartReport::reloaded() {
  tell_systemd("READY=1");
}

void StartReport::alive() {
  tell_systemd("WATCHDOG=1");
}

}  // namespace gnomon::launcher
