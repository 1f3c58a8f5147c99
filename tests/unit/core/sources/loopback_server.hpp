// SPDX-License-Identifier: GPL-2.0-or-later
// An NTP server on loopback, the real one, that claims stratum 1.
#pragma once

#include <utility>
#include <vector>

#include "base/os/clocks.hpp"
#include "base/os/socket.hpp"
#include "daemon/core/server/ntp_server.hpp"

namespace gnomon::tests {

class LoopbackServer {
 public:
  LoopbackServer() : LoopbackServer(base::bind_udp({*base::parse_address("127.0.0.1"), 0}, {})) {}
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  explicit LoopbackServer(base::OsResult<base::Fd> socket)
      : port_(base::local_endpoint(socket->get())->port), server_(list(std::move(*socket)), open_to_all()) {
    const auto now = base::read_now().real;
    server_.publish({.leap = base::LeapIndicator::none,
                     .stratum = 1,
                     .root_delay = base::Seconds{0},
                     .root_dispersion = base::Seconds{0},
                     .dispersion_time = now,
                     .reference_id = base::reference_id("TEST"),
                     .reference_time = now});
    server_.open();
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

  std::uint16_t port_;
  core::NtpServer server_;
};

}  // namespace gnomon::tests
