// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/links/launcher_link.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace gnomon::core {

LauncherLink::LauncherLink(TaskGroup& tasks, base::Fd channel, Handlers handlers)
    : tasks_(tasks),
      socket_(tasks.io(), asio::generic::seq_packet_protocol{AF_UNIX, 0}, channel.release()),
      handlers_(std::move(handlers)) {
  socket_.native_non_blocking(true);
}

void LauncherLink::start() {
  tasks_.spawn("launcher link", read_loop());
}

asio::awaitable<void> LauncherLink::read_loop() {
  std::array<std::uint8_t, ipc::max_frame_size> buffer{};
  while (true) {
    const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_read, tok);
    if (error) break;
    auto received = base::receive_datagram(socket_.native_handle(), buffer);
    if (!received && received.error().code == EAGAIN) continue;
    if (!received) {
      handlers_.on_lost("gnomond can no longer be read: " + base::to_string(received.error()));
      break;
    }
    if (received->size == 0) {
      handlers_.on_lost("gnomond is gone");
      break;
    }
    if (!take(base::Bytes{buffer}.first(received->size), std::move(received->descriptor))) {
      handlers_.on_lost("gnomond sent a forbidden message");
      break;
    }
  }
}

bool LauncherLink::take(base::Bytes datagram, base::Fd descriptor) {
  const auto frame = ipc::parse_frame(datagram);
  if (!frame || !ipc::is_legal(frame->type, ipc::Link::launcher, ipc::Sender::helper)) return false;
  if (frame->type == ipc::MessageType::stop) {
    handlers_.on_stop();
    return true;
  }
  if (frame->type == ipc::MessageType::reload) {
    handlers_.on_reload();
    return true;
  }
  if (frame->type == ipc::MessageType::ping) {
    send(ipc::Alive{}, frame->request_id);
    return true;
  }
  if (frame->type == ipc::MessageType::key_secret) {
    if (!descriptor) return false;
    handlers_.on_key_secret(descriptor);
    return true;
  }
  const auto connected = ipc::decode<ipc::RoleConnected>(*frame);
  if (!connected || !descriptor) return false;
  handlers_.on_role(connected->role, connected->index, std::move(descriptor));
  return true;
}

}  // namespace gnomon::core
