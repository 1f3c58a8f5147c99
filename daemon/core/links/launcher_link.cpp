// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/links/launcher_link.hpp"

#include <utility>

namespace gnomon::core {

namespace {

std::string describe(const async::ChannelEnd& end) {
  switch (end.kind) {
    case async::ChannelEnd::Kind::illegal_frame:
      return "gnomond sent a forbidden message";
    case async::ChannelEnd::Kind::broken:
      return "the channel to gnomond failed: " + base::to_string(end.error);
    case async::ChannelEnd::Kind::closed:
    case async::ChannelEnd::Kind::closed_here:
      break;
  }
  return "gnomond is gone";
}

}  // namespace

LauncherLink::LauncherLink(async::TaskGroup& tasks, base::Fd channel, Handlers handlers)
    : tasks_(tasks),
      channel_(tasks.io(), std::move(channel), ipc::Link::launcher, ipc::Sender::helper),
      handlers_(std::move(handlers)) {}

void LauncherLink::start() {
  tasks_.spawn("launcher link", read_loop());
}

asio::awaitable<void> LauncherLink::read_loop() {
  async::ChannelEnd end{async::ChannelEnd::Kind::illegal_frame};
  while (true) {
    auto received = co_await channel_.receive();
    if (received && accept(std::move(*received))) continue;
    if (!received) end = received.error();
    break;
  }
  if (end.kind != async::ChannelEnd::Kind::closed_here) handlers_.on_lost(describe(end));
}

bool LauncherLink::accept(async::Channel::Received received) {
  const auto& frame = received.frame;
  if (frame.type == ipc::MessageType::stop) {
    handlers_.on_stop();
    return true;
  }
  if (frame.type == ipc::MessageType::reload) {
    handlers_.on_reload();
    return true;
  }
  if (frame.type == ipc::MessageType::trust_changed) {
    handlers_.on_trust_changed();
    return true;
  }
  if (frame.type == ipc::MessageType::message_written) {
    const auto written = ipc::decode<ipc::MessageWritten>(frame);
    if (written) handlers_.on_message(*written);
    return written.has_value();
  }
  if (frame.type == ipc::MessageType::ping) {
    send(ipc::Alive{}, frame.request_id);
    return true;
  }
  if (frame.type == ipc::MessageType::key_secret) {
    if (!received.descriptor) return false;
    handlers_.on_key_secret(received.descriptor);
    return true;
  }
  if (frame.type == ipc::MessageType::symmetric_keys) {
    if (!received.descriptor) return false;
    handlers_.on_symmetric_keys(received.descriptor);
    return true;
  }
  if (frame.type == ipc::MessageType::file_opened) {
    const auto opened = ipc::decode<ipc::FileOpened>(frame);
    if (!opened || static_cast<bool>(received.descriptor) != opened->reason.empty()) return false;
    handlers_.on_file(opened->kind, std::move(received.descriptor), opened->reason);
    return true;
  }
  if (frame.type == ipc::MessageType::ntp_socket_opened) {
    const auto opened = ipc::decode<ipc::NtpSocketOpened>(frame);
    if (!opened || static_cast<bool>(received.descriptor) != opened->reason.empty()) return false;
    handlers_.on_ntp_socket(std::move(received.descriptor), opened->reason);
    return true;
  }
  if (frame.type == ipc::MessageType::peer_socket_opened) {
    const auto opened = ipc::decode<ipc::PeerSocketOpened>(frame);
    if (!opened || static_cast<bool>(received.descriptor) != opened->reason.empty()) return false;
    handlers_.on_peer_socket(std::move(received.descriptor), opened->reason);
    return true;
  }
  if (frame.type == ipc::MessageType::signd_socket) {
    if (!received.descriptor) return false;
    handlers_.on_signd_socket(std::move(received.descriptor));
    return true;
  }
  if (frame.type == ipc::MessageType::nic_opened) {
    const auto nic = ipc::decode<ipc::NicOpened>(frame);
    if (!nic || !received.descriptor) return false;
    handlers_.on_nic(*nic, std::move(received.descriptor));
    return true;
  }
  if (frame.type >= ipc::MessageType::configuration_error &&
      frame.type <= ipc::MessageType::configuration_used)
    return !received.descriptor && handlers_.on_configuration && handlers_.on_configuration(frame);
  const auto connected = ipc::decode<ipc::RoleConnected>(frame);
  if (!connected || !received.descriptor) return false;
  handlers_.on_role(connected->role, connected->index, std::move(received.descriptor));
  return true;
}

}  // namespace gnomon::core
