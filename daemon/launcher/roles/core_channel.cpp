// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/core_channel.hpp"

#include <fcntl.h>
#include <poll.h>

#include <cerrno>

#include <fmt/format.h>

#include "base/os/channel.hpp"

namespace gnomon::launcher {

void CoreChannel::open(base::Fd channel) {
  // A core that does not read must not make us wait for it.
  fcntl(channel.get(), F_SETFL, O_NONBLOCK);
  channel_ = std::move(channel);
}

std::expected<std::optional<ipc::Frame>, CoreChannel::Forbidden> CoreChannel::receive(Buffer& into) {
  auto datagram = base::receive_datagram(channel_.get(), into);
  // ECONNRESET, once: it has ended with something of ours unread. What it has said before that comes behind.
  if (!datagram && datagram.error().code == ECONNRESET)
    datagram = base::receive_datagram(channel_.get(), into);
  if (!datagram) {
    const auto& error = datagram.error();
    if (error.code == EAGAIN) return std::nullopt;
    log_.write(base::LogEvent::core_not_heard,
               fmt::format("gnomon-core can no longer be read: {}", base::to_string(error)),
               {{base::LogField::os_error, error.code}});
    close();
    return std::nullopt;
  }
  if (datagram->size == 0) {
    close();
    return std::nullopt;
  }
  const auto frame = ipc::parse_frame(base::Bytes{into}.first(datagram->size));
  if (!frame || datagram->descriptor || !ipc::is_legal(frame->type, ipc::Link::launcher, ipc::Sender::core))
    return std::unexpected(Forbidden{});
  return *frame;
}

bool CoreChannel::has_more() const {
  pollfd more{channel_.get(), POLLIN, 0};
  return is_open() && poll(&more, 1, 0) > 0;
}

void CoreChannel::wait_for_word(base::Duration longest) const {
  pollfd word{channel_.get(), POLLIN, 0};
  const auto limit = std::chrono::ceil<std::chrono::milliseconds>(longest);
  // Whatever comes of it, the start goes on. The threads that serve were woken before the word, but a busy
  // machine has not given each of them its turn yet.
  constexpr int turns_ms = 2;
  if (poll(&word, 1, static_cast<int>(limit.count())) > 0) poll(nullptr, 0, turns_ms);
}

base::OsResult<void> CoreChannel::send(base::Bytes datagram, int descriptor) const {
  return base::send_datagram(channel_.get(), datagram, descriptor);
}

bool CoreChannel::tell(base::Bytes datagram, int descriptor) {
  if (!is_open()) return true;
  const auto sent = send(datagram, descriptor);
  if (sent || sent.error().code == EPIPE || sent.error().code == ECONNRESET) return true;
  log_.write(base::LogEvent::core_takes_no_message,
             fmt::format("gnomon-core is not reading its channel: {}", base::to_string(sent.error())),
             {{base::LogField::os_error, sent.error().code}});
  return false;
}

}  // namespace gnomon::launcher
