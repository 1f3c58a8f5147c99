// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/pools.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "async/loop.hpp"
#include "daemon/core/engine/association/events.hpp"
#include "daemon/core/engine/values/source_number.hpp"
#include "daemon/core/sources/run_time_options.hpp"

namespace gnomon::core {

namespace {

// Seconds until a pool's name is resolved again: soon while it has given nothing, rarely to fill it up.
std::chrono::seconds pause_after(int attempt, bool empty) {
  constexpr int longest_when_empty = 54;
  if (empty) return std::chrono::seconds{std::min(1 << std::min(attempt + 1, 6), longest_when_empty)};
  return std::chrono::seconds{7 << std::min(attempt + 2, 9)};
}

}  // namespace

bool is_pool_name(const config::Source& line) {
  return line.kind == config::SourceKind::pool && !base::parse_address(line.name);
}

Pools::Pools(async::TaskGroup& tasks, ResolveClient& resolver, ClockDriver& clock_driver,
             base::AddressFamily family, Handlers handlers)
    : tasks_(tasks),
      resolver_(resolver),
      clock_driver_(clock_driver),
      family_(family),
      handlers_(std::move(handlers)) {}

void Pools::open(base::SourceId id, const config::Source& line) {
  auto& pool = *pools_.emplace_back(std::make_unique<Pool>(id, line, tasks_.loop()));
  tasks_.spawn("pool " + line.name, fill(pool));
}

asio::awaitable<void> Pools::fill(Pool& pool) {
  const auto family = pool.line.family != base::AddressFamily::unspecified ? pool.line.family : family_;
  // Its members are awaited like other sources, before they are known.
  constexpr base::Duration longest_wait = std::chrono::seconds{16};
  clock_driver_.await(pool.id, tasks_.now().mono + longest_wait);
  for (; !pool.removed; ++pool.attempt) {
    const auto found = co_await resolver_.resolve(pool.line.name, family);
    co_await async::end_if_cancelled();
    auto events = admit(pool, found.addresses);
    pool.name_is_taken = pool.members == 0 && !found.addresses.empty();
    clock_driver_.await(pool.id, std::nullopt);
    handlers_.on_events(std::move(events));
    if (pool.members >= pool.line.max_sources) break;
    const auto pause = pause_after(pool.attempt, pool.members == 0);
    if (found.addresses.empty())
      handlers_.on_note({engine::note::ResolveFailed{{}, engine::words(found.failure), pause}, pool.id});
    pool.pause.expires_after(pause);
    co_await async::wait_for(pool.pause);
  }
  std::erase_if(pools_, [&](const auto& one) { return one.get() == &pool; });
}

ClockEvents Pools::admit(Pool& pool, const std::vector<base::IpAddress>& addresses) {
  ClockEvents events;
  for (const auto& address : addresses) {
    if (pool.is_whole()) break;
    const base::Endpoint endpoint{address, pool.line.port};
    if (!handlers_.is_free(endpoint)) continue;
    auto member = pool.next;
    if (pool.asks_for_way) member.offline = !handlers_.has_way(endpoint);
    auto added = handlers_.add(member, address, pool.line);
    if (!added) continue;
    ++pool.members;
    events.append(std::move(*added));
  }
  return events;
}

void Pools::hasten() {
  for (const auto& pool : pools_) {
    pool->attempt = 0;
    pool->pause.wake();
  }
}

void Pools::remove(const config::Source& line) {
  for (const auto& pool : pools_) pool->removed = pool->removed || pool->line == line;
}

std::vector<config::Source> Pools::remove_named(std::string_view name) {
  std::vector<config::Source> lines;
  for (const auto& pool : pools_) {
    if (pool->line.name != name) continue;
    pool->removed = true;
    lines.push_back(pool->line);
  }
  return lines;
}

void Pools::change_line(const config::Source& before, const config::Source& now) {
  for (const auto& pool : pools_) {
    if (pool->line != before) continue;
    take_options(pool->next, before, now);
    pool->line = now;
  }
}

bool Pools::is_meant(const Pool& pool, std::string_view source) {
  return !pool.removed && (pool.line.name == source || engine::numbered(source) == pool.id);
}

bool Pools::set_online(const control::SetOnline& command) {
  const bool all = !command.within && !command.only && command.source.empty();
  bool any = false;
  for (const auto& pool : pools_) {
    const bool meant = all || command.only == pool->id || is_meant(*pool, command.source);
    if (pool->removed || !meant) continue;
    any = true;
    pool->next.offline = !command.online;
    pool->asks_for_way = false;
  }
  return any;
}

bool Pools::change_members(std::string_view source, const std::function<void(config::Source&)>& change) {
  bool any = false;
  for (const auto& pool : pools_) {
    if (!is_meant(*pool, source)) continue;
    any = true;
    change(pool->next);
  }
  return any;
}

void Pools::follow_network() {
  for (const auto& pool : pools_) pool->asks_for_way = true;
}

std::vector<engine::AssociationReport> Pools::reports() const {
  std::vector<engine::AssociationReport> reports;
  for (const auto& pool : pools_)
    if (pool->members == 0)
      reports.push_back({.id = pool->id,
                         .kind = config::SourceKind::pool,
                         .name = pool->line.name,
                         .address = {},
                         .port = pool->line.port,
                         .activity = engine::Activity::unresolved,
                         .offline_at_start = pool->line.offline,
                         .name_is_taken = pool->name_is_taken,
                         .is_offline = pool->next.offline && !pool->asks_for_way});
  return reports;
}

std::uint32_t Pools::missing_members() const {
  constexpr int most_sought = 16;  // of one pool
  int missing = 0;
  for (const auto& pool : pools_) {
    if (pool->is_whole()) continue;
    missing += std::min(2 * pool->line.max_sources, most_sought) - std::max(pool->members, 1);
  }
  return static_cast<std::uint32_t>(missing);
}

std::size_t Pools::unresolved_with_nts() const {
  return static_cast<std::size_t>(std::ranges::count_if(pools_, [](const auto& pool) {
    return pool->line.nts && !pool->line.no_select && pool->members == 0;
  }));
}

std::string Pools::name_of(base::SourceId id) const {
  const auto pool = std::ranges::find(pools_, id, [](const auto& one) { return one->id; });
  return pool == pools_.end() ? std::string{} : (*pool)->line.name;
}

}  // namespace gnomon::core
