// SPDX-License-Identifier: GPL-2.0-or-later
// An NTP server on loopback, the real one, that claims stratum 1. By the machine's clock, as the kernel's
// timestamps are.
#pragma once

#include <utility>
#include <vector>

#include "base/os/clocks.hpp"
#include "base/os/socket.hpp"
#include "daemon/core/server/ntp_server.hpp"
#include "daemon/core/server/server_task.hpp"
#include "tests/unit/core/sources/context.hpp"

namespace gnomon::tests {

class LoopbackServer {
 public:
  explicit LoopbackServer(Loop& loop)
      : LoopbackServer(loop, base::bind_udp({*base::parse_address("127.0.0.1"), 0}, {})) {}
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;
  ~LoopbackServer() { loop_.drain(); }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  LoopbackServer(Loop& loop, base::OsResult<base::Fd> socket)
      : loop_(loop),
        port_(base::local_endpoint(socket->get())->port),
        server_(list(std::move(*socket)), open_to_all(), clock_, core::ServerThreads::none) {
    const auto now = clock_.now().real;
    server_.publish({.leap = base::LeapIndicator::none,
                     .stratum = 1,
                     .root_delay = base::Seconds{0},
                     .root_dispersion = base::Seconds{0},
                     .dispersion_time = now,
                     .reference_id = base::reference_id("TEST"),
                     .reference_time = now});
    server_.open();
    for (auto* worker : server_.workers()) loop.tasks.spawn("NTP server", core::serve_here(loop.io, *worker));
  }
  static std::vector<base::Fd> list(base::Fd socket) {
    std::vector<base::Fd> sockets;
    sockets.push_back(std::move(socket));
    return sockets;
  }
  static config::ServerSettings open_to_all() {
    config::ServerSettings settings;
    settings.access = {{.allow = true, .subnet = {}, .all = false}};
    return settings;
  }

  Loop& loop_;
  base::MachineClock clock_;
  std::uint16_t port_;
  core::NtpServer server_;
};

}  // namespace gnomon::tests
