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

using Handlers = LauncherLink::Handlers;
using base::Fd;

// Each hands a message on, with the descriptor that came along. False: against the rules.
bool hand_on(const Handlers& to, const ipc::Stop&, Fd) {
  to.on_stop();
  return true;
}

bool hand_on(const Handlers& to, const ipc::Reload&, Fd) {
  to.on_reload();
  return true;
}

bool hand_on(const Handlers& to, const ipc::TrustChanged&, Fd) {
  to.on_trust_changed();
  return true;
}

bool hand_on(const Handlers& to, const ipc::MessageWritten& written, Fd) {
  to.on_message(written);
  return true;
}

bool hand_on(const Handlers& to, const ipc::KeySecretOpened&, const Fd& file) {
  to.on_key_secret(file);
  return true;
}

bool hand_on(const Handlers& to, const ipc::SymmetricKeysOpened&, const Fd& file) {
  to.on_symmetric_keys(file);
  return true;
}

// What was opened, or why it was not: one of them.
template <class Opened>
bool is_either(const Opened& opened, const Fd& descriptor) {
  return static_cast<bool>(descriptor) == opened.reason.empty();
}

bool hand_on(const Handlers& to, const ipc::FileOpened& opened, Fd file) {
  if (!is_either(opened, file)) return false;
  to.on_file(opened.kind, std::move(file), opened.reason);
  return true;
}

bool hand_on(const Handlers& to, const ipc::NtpSocketOpened& opened, Fd socket) {
  if (!is_either(opened, socket)) return false;
  to.on_ntp_socket(std::move(socket), opened.reason);
  return true;
}

bool hand_on(const Handlers& to, const ipc::PeerSocketOpened& opened, Fd socket) {
  if (!is_either(opened, socket)) return false;
  to.on_peer_socket(std::move(socket), opened.reason);
  return true;
}

bool hand_on(const Handlers& to, const ipc::CertificatesRefused& refused, const Fd& none) {
  if (none) return false;
  to.on_certificates_refused(refused.reason);
  return true;
}

bool hand_on(const Handlers& to, const ipc::SigndSocketOpened&, Fd socket) {
  if (!socket) return false;
  to.on_signd_socket(std::move(socket));
  return true;
}

bool hand_on(const Handlers& to, const ipc::NicOpened& nic, Fd clock) {
  if (!clock) return false;
  to.on_nic(nic, std::move(clock));
  return true;
}

bool hand_on(const Handlers& to, const ipc::RoleConnected& connected, Fd channel) {
  if (!channel) return false;
  to.on_role(connected.role, connected.index, std::move(channel));
  return true;
}

template <class Message>
bool take(const Handlers& to, async::Channel::Received& received) {
  const auto message = ipc::decode<Message>(received.frame);
  return message && hand_on(to, *message, std::move(received.descriptor));
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
  switch (received.frame.type) {
    using enum ipc::MessageType;
    case stop:
      return take<ipc::Stop>(handlers_, received);
    case reload:
      return take<ipc::Reload>(handlers_, received);
    case trust_changed:
      return take<ipc::TrustChanged>(handlers_, received);
    case certificates_refused:
      return take<ipc::CertificatesRefused>(handlers_, received);
    case message_written:
      return take<ipc::MessageWritten>(handlers_, received);
    case ping:
      send(ipc::Alive{}, received.frame.request_id);
      return true;
    case key_secret:
      return take<ipc::KeySecretOpened>(handlers_, received);
    case symmetric_keys:
      return take<ipc::SymmetricKeysOpened>(handlers_, received);
    case file_opened:
      return take<ipc::FileOpened>(handlers_, received);
    case ntp_socket_opened:
      return take<ipc::NtpSocketOpened>(handlers_, received);
    case peer_socket_opened:
      return take<ipc::PeerSocketOpened>(handlers_, received);
    case signd_socket:
      return take<ipc::SigndSocketOpened>(handlers_, received);
    case nic_opened:
      return take<ipc::NicOpened>(handlers_, received);
    case role_connected:
      return take<ipc::RoleConnected>(handlers_, received);
    default:  // a part of a configuration: the channel lets nothing else through
      return !received.descriptor && handlers_.on_configuration && handlers_.on_configuration(received.frame);
  }
}

}  // namespace gnomon::core
