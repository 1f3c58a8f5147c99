// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/syslog_link.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <utility>

#include <fmt/format.h>

namespace gnomon::launcher {
namespace {

constexpr timeval patience{.tv_sec = 0, .tv_usec = 50'000};

// "Dec  1 06:45:20": that of syslog(3), whose readers expect no other.
std::string local_time(base::RealTime at) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
  std::tm local{};
  std::array<char, 32> text{};
  if (localtime_r(&seconds, &local) == nullptr) return {};
  return {text.data(), std::strftime(text.data(), text.size(), "%b %e %T", &local)};
}

}  // namespace

SyslogLink::~SyslogLink() {
  while (!waiting_.empty() && socket_ && put(waiting_.front(), 0)) waiting_.pop_front();
}

bool SyslogLink::connect() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) return false;
  std::ranges::copy(path_, static_cast<char*>(address.sun_path));
  for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
    socket_ = base::Fd{::socket(AF_UNIX, type | SOCK_CLOEXEC, 0)};
    is_stream_ = type == SOCK_STREAM;
    setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
      return true;
    if (errno != EPROTOTYPE) break;
  }
  socket_.close();
  return false;
}

bool SyslogLink::put(const std::string& message, int flags) const {
  // In a stream a NUL ends it, as in that of syslog(3).
  const auto size = message.size() + (is_stream_ ? 1 : 0);
  const auto sent = ::send(socket_.get(), message.c_str(), size, MSG_NOSIGNAL | flags);
  // Of a part the rest would be taken for another message: what follows goes by another connection.
  if (sent >= 0 && sent < static_cast<ssize_t>(size)) errno = ECONNRESET;
  return sent == static_cast<ssize_t>(size);
}

// Who listens there may be another one than before.
bool SyslogLink::reaches(const std::string& message) {
  if (socket_) {
    if (put(message, MSG_DONTWAIT)) return true;
    if (errno == EAGAIN || errno == ENOBUFS) return false;
  }
  return connect() && put(message, MSG_DONTWAIT);
}

void SyslogLink::add(std::string_view line, const std::string& time) {
  const bool has_level =
      line.size() >= 3 && line[0] == '<' && line[1] >= '0' && line[1] <= '7' && line[2] == '>';
  const int level = has_level ? line[1] - '0' : LOG_WARNING;
  auto message = fmt::format("<{}>{} {}[{}]: {}", LOG_DAEMON | level, time, program_, getpid(),
                             line.substr(has_level ? 3 : 0));
  if (octets_ + message.size() > most_octets) return void(++lost_);
  octets_ += message.size();
  waiting_.push_back(std::move(message));
}

void SyslogLink::send(std::string_view lines, const base::Now& now) {
  const bool is_new = !lines.empty();
  const auto time = is_new ? local_time(now.real) : std::string{};
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n'));
    add(line, time);
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
  }
  const bool due = !next_try_ || now.mono >= *next_try_;
  if (due || is_new) try_all();
  if (waiting_.empty()) return next_try_.reset();
  if (!due) return;
  next_try_ = now.mono + pause_;
  pause_ = std::min(2 * pause_, longest_pause);
}

void SyslogLink::try_all() {
  while (!waiting_.empty() && reaches(waiting_.front())) {
    octets_ -= waiting_.front().size();
    waiting_.pop_front();
    pause_ = first_pause;
  }
}

std::size_t SyslogLink::take_lost() {
  return waiting_.empty() ? std::exchange(lost_, 0) : 0;
}

}  // namespace gnomon::launcher
