// SPDX-License-Identifier: GPL-2.0-or-later
// `broadcast`: sends our time to its destinations, from the server's sockets. Owned by the core.
#pragma once

#include <functional>
#include <vector>

#include "async/task_group.hpp"
#include "base/os/log.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/values/server_view.hpp"

namespace gnomon::core {

class Broadcaster {
 public:
  // sockets: the server's, all of one port; they and the others outlive it.
  Broadcaster(async::TaskGroup& tasks, base::Log& log, std::vector<int> sockets);

  // Begins one interval from now. `view`: our clock as it is served.
  void start(const std::vector<config::Broadcast>& destinations,
             const std::function<engine::ServerView(const base::Now&)>& view);

 private:
  asio::awaitable<void> run(config::Broadcast destination,
                            std::function<engine::ServerView(const base::Now&)> view);
  // errno, 0: sent
  [[nodiscard]] int send(const config::Broadcast& destination, const engine::ServerView& view) const;
  void say(const config::Broadcast& destination, int error);

  async::TaskGroup& tasks_;
  base::Log& log_;
  std::vector<int> sockets_;
};

}  // namespace gnomon::core
