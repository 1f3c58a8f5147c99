// SPDX-License-Identifier: GPL-2.0-or-later
// Tells when the network has changed so that servers may be reached that were not before: a new address, a
// default route. Owned by the core.
#pragma once

#include <functional>
#include <set>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "daemon/core/task_group.hpp"

namespace gnomon::core {

// A socket that the kernel tells of addresses and routes; to be opened before the sandbox forbids it.
[[nodiscard]] base::OsResult<base::Fd> open_network_events();

// Reads the kernel's messages. What comes again and again counts once: routers announce the addresses of an
// IPv6 network every few minutes, containers come and go with link-local ones and routes of their own.
class NetworkEvents {
 public:
  // One datagram of rtnetlink(7): whether it says something new.
  [[nodiscard]] bool take(base::Bytes datagram);

 private:
  struct Known {
    std::uint32_t interface = 0;
    base::IpAddress address;
    friend auto operator<=>(const Known&, const Known&) = default;
  };
  [[nodiscard]] bool address_message(base::Bytes body, bool added);

  std::set<Known> known_;
};

class NetworkWatch {
 public:
  // on_changed: at most once a second, and a second after the first news, when the rest has settled.
  NetworkWatch(TaskGroup& tasks, base::Fd events, std::function<void()> on_changed)
      : tasks_(tasks), descriptor_(tasks.io(), events.release()), on_changed_(std::move(on_changed)) {}
  void start() { tasks_.spawn("network watch", watch()); }

 private:
  asio::awaitable<void> watch();
  [[nodiscard]] bool read_news();

  TaskGroup& tasks_;
  asio::posix::stream_descriptor descriptor_;
  std::function<void()> on_changed_;
  NetworkEvents events_;
};

}  // namespace gnomon::core
