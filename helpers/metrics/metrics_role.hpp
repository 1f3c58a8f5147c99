// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-metrics as one object: accepts connections, asks the core. Owned by the program.
#pragma once

#include <vector>

#include "async/channel.hpp"
#include "async/task_group.hpp"
#include "helpers/metrics/connection_table.hpp"
#include "helpers/metrics/core_text.hpp"
#include "helpers/metrics/session.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::metrics {

inline constexpr std::size_t most_connections = 128;

class MetricsRole {
 public:
  // Takes over the listeners of the setup, and the channel.
  MetricsRole(async::Loop& loop, base::Fd channel, const ipc::MetricsSetup& setup);
  MetricsRole(const MetricsRole&) = delete;
  MetricsRole& operator=(const MetricsRole&) = delete;

  // Until the core leaves, or sends what it may not.
  [[nodiscard]] asio::awaitable<async::ChannelEnd> run();

 private:
  asio::awaitable<void> accept_from(asio::posix::stream_descriptor& listener);
  void admit(int connection, const base::IpAddress& client, int family);
  asio::awaitable<void> session(Socket socket, ConnectionId id);
  [[nodiscard]] asio::awaitable<async::ChannelEnd> hear_core();

  async::Loop& loop_;
  async::Channel core_;
  CoreText text_;
  ConnectionTable table_{most_connections};
  std::vector<asio::posix::stream_descriptor> listeners_;
  async::TaskGroup tasks_;
  async::TaskGroup sessions_;
};

}  // namespace gnomon::metrics
