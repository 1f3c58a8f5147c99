// SPDX-License-Identifier: GPL-2.0-or-later
// Tells when the network has changed so that servers may be reached that were not before (a new address, a
// default route), and which addresses this machine has. Owned by the core.
#pragma once

#include <functional>
#include <set>
#include <vector>

#include "async/task_group.hpp"
#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/os/error.hpp"
#include "base/os/fd.hpp"

namespace gnomon::core {

// Of all interfaces, as they are now.
[[nodiscard]] std::vector<base::IpAddress> local_addresses();

// A socket that the kernel tells of addresses and routes; to be opened before the sandbox forbids it.
[[nodiscard]] base::OsResult<base::Fd> open_network_events();

// Reads the kernel's messages. What comes again and again counts once: routers announce the addresses of an
// IPv6 network every few minutes, containers come and go with link-local ones and routes of their own.
class NetworkEvents {
 public:
  explicit NetworkEvents(const std::vector<base::IpAddress>& own = {}) : own_(own.begin(), own.end()) {}
  // One datagram of rtnetlink(7): whether it says something new.
  [[nodiscard]] bool take(base::Bytes datagram);
  // All of this machine, link-local ones and those of loopback too.
  [[nodiscard]] const std::set<base::IpAddress>& own_addresses() const { return own_; }

 private:
  struct Known {
    std::uint32_t interface = 0;
    base::IpAddress address;
    friend auto operator<=>(const Known&, const Known&) = default;
  };
  [[nodiscard]] bool address_message(base::Bytes body, bool added);
  void remember_own(const base::IpAddress& address, bool added);

  std::set<Known> known_;
  std::set<base::IpAddress> own_;
};

class NetworkWatch {
 public:
  struct Handlers {
    // At most once a second, and a second after the first news, when the rest has settled.
    std::function<void()> on_changed;
    std::function<void(const std::set<base::IpAddress>&)> on_own_addresses;
  };
  // `own`: the addresses of this machine as they were when `events` had been opened.
  NetworkWatch(async::TaskGroup& tasks, base::Fd events, const std::vector<base::IpAddress>& own,
               Handlers handlers)
      : tasks_(tasks),
        descriptor_(tasks.io(), events.release()),
        handlers_(std::move(handlers)),
        events_(own) {}
  void start() { tasks_.spawn("network watch", watch()); }

 private:
  asio::awaitable<void> watch();
  [[nodiscard]] bool read_news();

  async::TaskGroup& tasks_;
  asio::posix::stream_descriptor descriptor_;
  Handlers handlers_;
  NetworkEvents events_;
  std::set<base::IpAddress> told_{events_.own_addresses()};
};

}  // namespace gnomon::core
