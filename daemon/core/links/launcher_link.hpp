// SPDX-License-Identifier: GPL-2.0-or-later
// The core's channel to gnomond: readiness and the end of the work upwards, commands and fresh socketpairs
// downwards. Its end of file means that the launcher is gone, and the core ends too.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "async/channel.hpp"
#include "async/task_group.hpp"
#include "ipc/codec.hpp"

namespace gnomon::core {

class LauncherLink {
 public:
  struct Handlers {
    std::function<void()> on_stop;
    std::function<void()> on_reload;
    std::function<void()> on_trust_changed;
    std::function<void(const std::string& reason)> on_certificates_refused;
    std::function<void(const ipc::MessageWritten&)> on_message;
    std::function<void(ipc::Role, std::uint8_t index, base::Fd)> on_role;
    std::function<void(const base::Fd& file)> on_key_secret;
    std::function<void(const base::Fd& file)> on_symmetric_keys;
    std::function<void(ipc::FileKind, base::Fd, const std::string& reason)> on_file;  // see FileOpened
    std::function<void(base::Fd connection)> on_signd_socket;
    std::function<void(base::Fd, const std::string& reason)> on_ntp_socket;   // see NtpSocketOpened
    std::function<void(base::Fd, const std::string& reason)> on_peer_socket;  // see PeerSocketOpened
    std::function<void(const ipc::NicOpened&, base::Fd clock)> on_nic;
    // The parts of a configuration; false: not now.
    std::function<bool(const ipc::Frame& part)> on_configuration{};
    std::function<void(const std::string& why)> on_lost;
  };
  LauncherLink(async::TaskGroup& tasks, base::Fd channel, Handlers handlers);
  LauncherLink(const LauncherLink&) = delete;
  LauncherLink& operator=(const LauncherLink&) = delete;

  void start();
  // The launcher always reads; a few octets that cannot be sent mean that it is gone, which start() notices.
  template <class Message>
  void send(const Message& message, std::uint32_t request_id = 0) {
    static_cast<void>(try_to_send(message, request_id));
  }
  template <class Message>
  [[nodiscard]] base::OsResult<void> try_to_send(const Message& message, std::uint32_t request_id = 0) {
    return channel_.send_at_once(ipc::encode(message, request_id));
  }

 private:
  asio::awaitable<void> read_loop();
  [[nodiscard]] bool accept(async::Channel::Received received);

  async::TaskGroup& tasks_;
  async::Channel channel_;
  Handlers handlers_;
};

}  // namespace gnomon::core
