// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/mailer.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <ctime>

#include <fmt/format.h>

#include "base/os/channel.hpp"
#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "base/token_bucket.hpp"
#include "ipc/codec.hpp"

namespace gnomon::launcher {
namespace {

constexpr const char* mail_program = "/usr/lib/sendmail";
constexpr int channel_fd = 3;
// A core that somebody else controls is not to fill a mailbox.
constexpr double most_at_once = 5;
constexpr base::Seconds mail_interval{600};

// Unlike a role it may gain rights by what it runs: mail programs put mails where nobody else may.
bool become(const std::string& user) {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (!user.empty() && geteuid() == 0) {
    const passwd* const account = getpwnam(user.c_str());
    return account != nullptr && initgroups(user.c_str(), account->pw_gid) == 0 &&
           setresgid(account->pw_gid, account->pw_gid, account->pw_gid) == 0 &&
           setresuid(account->pw_uid, account->pw_uid, account->pw_uid) == 0;
  }
  if (geteuid() == 0) return true;
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> none{};
  return syscall(SYS_capset, &header, none.data()) == 0;
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string{name.data()} : "<unknown>";
}

void complain(base::Log& log, const std::string& why) {
  log.write(base::LogEvent::mail_not_sent, "No mail was sent about a correction of the clock: " + why,
            {{base::LogField::directive, "mailonchange"}, {base::LogField::reason, why}});
}

// False: there is nobody any more who wants mails.
bool serve_one(const config::MailOnChange& settings, base::TokenBucket& mails, const base::Clock& clock,
               base::Log& log) {
  std::array<std::uint8_t, ipc::max_frame_size> octets{};
  const auto datagram = base::receive_datagram(channel_fd, octets);
  if (!datagram || datagram->size == 0) return false;
  const auto frame = ipc::parse_frame(base::Bytes{octets}.first(datagram->size));
  const auto wanted = frame ? ipc::decode<ipc::SendMail>(*frame) : std::unexpected(frame.error());
  if (!wanted) return false;
  const auto now = clock.now();
  if (!mails.take(most_at_once, mail_interval, now.mono)) {
    complain(log, "too many were requested");
    return true;
  }
  const auto mail = mail_about(settings, base::to_seconds(wanted->correction), host_name(), now.real);
  if (const auto sent = send_mail(mail_program, mail); !sent) complain(log, sent.error());
  return true;
}

[[noreturn]] void be_mailer(int channel, const config::MailOnChange& settings, const std::string& user,
                            const base::Clock& clock) {
  prctl(PR_SET_NAME, "gnomon-mailer", 0, 0, 0);
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT(bugprone-signal-handler): SIG_IGN is no handler of ours
  if (channel != channel_fd) dup2(channel, channel_fd);
  fcntl(channel_fd, F_SETFD, FD_CLOEXEC);
  closefrom(channel_fd + 1);
  base::ProcessLog log{"mailer"};
  if (!become(user)) {
    complain(log, fmt::format("it could not become the user {}", user));
    _exit(1);
  }
  base::TokenBucket mails{.tokens = most_at_once, .filled = clock.now().mono};
  while (serve_one(settings, mails, clock, log)) continue;
  _exit(0);
}

// Saturday, 28 November 2026, 12:30:05 (CET)
std::string local_date(std::time_t seconds) {
  std::tm date{};
  std::array<char, 128> text{};
  if (localtime_r(&seconds, &date) == nullptr) return std::to_string(seconds);
  return {text.data(), std::strftime(text.data(), text.size(), "%A, %d %B %Y, %H:%M:%S (%Z)", &date)};
}

}  // namespace

std::string mail_about(const config::MailOnChange& settings, base::Seconds correction,
                       const std::string& host, base::RealTime now) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  return fmt::format(
      "To: {}\n"
      "Subject: gnomond reports change to system clock on node [{}]\n"
      "\n"
      "{} by the system clock:\n"
      "gnomond corrects it by {:.3f} seconds, which is more than the {:.3f} seconds of `mailonchange`.\n",
      settings.address, host, local_date(static_cast<std::time_t>(seconds)), correction.count(),
      settings.threshold.count());
}

std::expected<void, std::string> send_mail(const std::string& program, const std::string& mail) {
  const auto failed = [](const char* call, int error) {
    return std::unexpected(base::to_string(base::OsError{call, error}));
  };
  auto pipe = base::make_pipe(base::Blocking::yes);
  if (!pipe) return std::unexpected(base::to_string(pipe.error()));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe->reader.get(), STDIN_FILENO);
  std::string path = program;
  std::string option = "-t";
  const std::array<char*, 3> words{path.data(), option.data(), nullptr};
  pid_t child = -1;
  const int error = posix_spawn(&child, program.c_str(), &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return failed(program.c_str(), error);
  pipe->reader.close();
  // Shorter than what a pipe holds: at once, or nobody reads it.
  const auto written = write(pipe->writer.get(), mail.data(), mail.size());
  pipe->writer.close();
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (written != static_cast<ssize_t>(mail.size())) return failed("write", EPIPE);
  if (status != 0) return std::unexpected(fmt::format("{} failed", program));
  return {};
}

base::OsResult<base::Fd> start_mailer(const config::MailOnChange& settings, const std::string& user,
                                      const base::Clock& clock) {
  auto channel = base::make_channel();
  if (!channel) return std::unexpected(channel.error());
  const pid_t child = fork();
  if (child < 0) return std::unexpected(base::last_error("fork"));
  if (child == 0) be_mailer(channel->theirs.get(), settings, user, clock);
  return std::move(channel->ours);
}

}  // namespace gnomon::launcher
