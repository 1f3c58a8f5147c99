// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/access_hosts.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace gnomon::core {

namespace {

std::chrono::seconds pause_after(int attempt) {
  constexpr int longest = 54;
  return std::chrono::seconds{std::min(2 << std::min(attempt, 5), longest)};
}

}  // namespace

AccessHosts::AccessHosts(async::TaskGroup& tasks, ResolveClient& resolver, base::Log& log,
                         base::AddressFamily family)
    : tasks_(tasks), resolver_(resolver), log_(log), family_(family) {}

void AccessHosts::find(std::span<const base::AccessRule> rules, const OnFound& on_found) {
  std::vector<Search*> begun;
  for (const auto& rule : rules) {
    if (rule.host.empty()) continue;
    const auto known = std::ranges::find(begun, rule.host, &Search::host);
    if (known != begun.end())
      (*known)->denied = (*known)->denied || !rule.allow;
    else
      begun.push_back(&searches_.emplace_back(rule.host, !rule.allow, tasks_.loop()));
  }
  for (auto* search : begun) tasks_.spawn("access of " + search->host, look_up(*search, on_found));
}

void AccessHosts::hasten() {
  for (auto& search : searches_) {
    search.attempt = 0;
    search.pause.wake();
  }
}

asio::awaitable<void> AccessHosts::look_up(Search& search, OnFound on_found) {
  while (true) {
    const auto found = co_await resolver_.resolve(search.host, family_);
    co_await async::end_if_cancelled();
    if (!found.addresses.empty()) {
      say_found(search, found.addresses);
      on_found(search.host, found.addresses);
      break;
    }
    const auto pause = pause_after(search.attempt++);
    say_missing(search, found.failure, pause);
    search.pause.expires_after(pause);
    co_await async::wait_for(search.pause);
  }
  searches_.remove_if([&](const Search& one) { return &one == &search; });
}

void AccessHosts::say_missing(const Search& search, engine::NameFailure why, std::chrono::seconds pause) {
  log_.write(base::LogEvent::access_host_unknown,
             fmt::format("Could not resolve {}, which is {}: {}; {} until it resolves; next try in {} s",
                         search.host, search.denied ? "denied" : "allowed", engine::words(why),
                         search.denied ? "nobody is served" : "it is not served", pause.count()),
             {{base::LogField::source, search.host},
              {base::LogField::reason, engine::words(why)},
              {base::LogField::next_try, pause.count()}});
}

void AccessHosts::say_found(const Search& search, const std::vector<base::IpAddress>& addresses) {
  std::string list;
  for (const auto& address : addresses) list += (list.empty() ? "" : ", ") + base::to_string(address);
  log_.write(base::LogEvent::access_host_known,
             fmt::format("{} {}: {}", search.denied ? "Denied is" : "Allowed is", search.host, list),
             {{base::LogField::source, search.host}, {base::LogField::address, list}});
}

}  // namespace gnomon::core
