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

namespace gnomon::testing {

class LoopbackServer {
 public:
  // With a thread of its own, for programs that are waited for.
  LoopbackServer() : LoopbackServer(bound(), core::ServerThreads::one_each) {}
  // Served by the loop of the test.
  explicit LoopbackServer(Loop& loop) : LoopbackServer(bound(), core::ServerThreads::none) {
    loop_ = &loop;
    for (auto* worker : server_.workers()) loop.tasks.spawn("NTP server", core::serve_here(loop.io, *worker));
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;
  ~LoopbackServer() {
    if (loop_ != nullptr) loop_->drain();
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  LoopbackServer(base::OsResult<base::Fd> socket, core::ServerThreads threads)
      : port_(base::local_endpoint(socket->get())->port),
        server_(list(std::move(*socket)), open_to_all(), clock_, threads) {
    const auto now = clock_.now().real;
    server_.publish({.leap = base::LeapIndicator::none,
                     .stratum = 1,
                     .root_delay = base::Seconds{0},
                     .root_dispersion = base::Seconds{0},
                     .dispersion_time = now,
                     .reference_id = base::reference_id("TEST"),
                     .reference_time = now});
    server_.open();
  }
  static base::OsResult<base::Fd> bound() {
    return base::bind_udp({*base::parse_address("127.0.0.1"), 0}, {});
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

  Loop* loop_ = nullptr;  // none: it has a thread
  base::MachineClock clock_;
  std::uint16_t port_;
  core::NtpServer server_;
};

}  // namespace gnomon::testing
