// SPDX-License-Identifier: GPL-2.0-or-later
// Who the hosts are that `allow` and `deny` name: each is looked up until it has addresses, and then no more.
// Owned by the core.
#pragma once

#include <functional>
#include <list>
#include <span>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "base/access.hpp"
#include "base/log.hpp"
#include "daemon/core/links/resolve_client.hpp"

namespace gnomon::core {

class AccessHosts {
 public:
  using OnFound = std::function<void(const std::string& host, const std::vector<base::IpAddress>&)>;
  // `family`: that of -4 and -6; addresses of the other one do not count.
  AccessHosts(async::TaskGroup& tasks, ResolveClient& resolver, base::Log& log, base::AddressFamily family);
  AccessHosts(const AccessHosts&) = delete;
  AccessHosts& operator=(const AccessHosts&) = delete;

  // `on_found`: once for each host among the rules, however many of them name it.
  void find(std::span<const base::AccessRule> rules, const OnFound& on_found);
  // The network or the files by which names are resolved have changed: what is missing is looked up again.
  void hasten();

 private:
  struct Search {
    Search(std::string name, bool is_denied, async::Loop& loop)
        : host(std::move(name)), denied(is_denied), pause(loop) {}
    std::string host;
    bool denied;  // by one rule at least
    int attempt = 0;
    async::Timer pause;
  };
  [[nodiscard]] asio::awaitable<void> look_up(Search& search, OnFound on_found);
  void say_missing(const Search& search, engine::NameFailure why, std::chrono::seconds pause);
  void say_found(const Search& search, const std::vector<base::IpAddress>& addresses);

  async::TaskGroup& tasks_;
  ResolveClient& resolver_;
  base::Log& log_;
  base::AddressFamily family_;
  std::list<Search> searches_;
};

}  // namespace gnomon::core
