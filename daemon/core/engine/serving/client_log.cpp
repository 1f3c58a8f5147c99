// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/serving/client_log.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <new>

#include "base/address_hash.hpp"
#include "daemon/core/engine/serving/request_interval.hpp"

namespace gnomon::engine {

namespace {

constexpr std::size_t ways = 4;  // records a client may have
constexpr auto relaxed = std::memory_order_relaxed;

using Halves = std::array<std::uint64_t, 2>;

Halves halves_of(const base::IpAddress& address) {
  return std::bit_cast<Halves>(address.octets);
}

// Sixteenths of a second, going round after eight years. Zero is never.
std::uint32_t ticks_of(base::MonoTime time) {
  constexpr std::int64_t tick = 1'000'000'000 >> request_interval::log2_ticks;
  return std::max(static_cast<std::uint32_t>(time.time_since_epoch().count() / tick), std::uint32_t{1});
}

// Threads read their clocks one after the other: what is later than now is now.
std::uint32_t age(std::uint32_t then, std::uint32_t now) {
  return static_cast<std::int32_t>(now - then) < 0 ? 0 : now - then;
}

// Several requests come within a tick. More than a hundred in a row change nothing any more.
std::int8_t average_with(std::int8_t average, std::uint32_t last, std::uint32_t now, std::uint32_t times) {
  constexpr std::uint32_t most = 100;
  if (last != 0) average = request_interval::average_with(average, age(last, now));
  for (std::uint32_t i = 1; i < std::min(times, most); ++i)
    average = request_interval::average_with(average, 0);
  return average;
}

}  // namespace

// One line of the processor's cache. Of its fields only `family` and the first record's `door` order others:
// a count is exact, the times and averages beside it may be those of a request before.
struct alignas(ClientLog::octets_per_record) ClientLog::Record {
  struct Counts {
    std::atomic<std::uint32_t> hits;
    std::atomic<std::uint32_t> drops;
    std::atomic<std::uint32_t> last;  // ticks
  };
  std::array<std::atomic<std::uint64_t>, 2> address;
  std::array<Counts, service_count> counts;
  std::array<std::atomic<std::int8_t>, service_count> averages;
  std::atomic<std::int8_t> average_after_drop;
  std::atomic<bool> after_drop;             // the last NTP request was dropped
  std::atomic<base::AddressFamily> family;  // unspecified: empty
  std::atomic<bool> door;                   // of a group's first: somebody adds to the group, or reads it

  [[nodiscard]] bool is_of(base::AddressFamily wanted, const Halves& halves) const {
    return family.load(std::memory_order_acquire) == wanted && address[0].load(relaxed) == halves[0] &&
           address[1].load(relaxed) == halves[1];
  }
  [[nodiscard]] std::uint32_t silent_for(std::uint32_t now) const {
    std::uint32_t least = UINT32_MAX;
    for (const auto& each : counts)
      if (const auto last = each.last.load(relaxed); last != 0) least = std::min(least, age(last, now));
    return least;
  }
  void fill(const base::IpAddress& client) {
    family.store(base::AddressFamily::unspecified, relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    const auto halves = halves_of(client);
    for (std::size_t i = 0; i < halves.size(); ++i) address[i].store(halves[i], relaxed);
    for (auto& each : counts) {
      each.hits.store(0, relaxed);
      each.drops.store(0, relaxed);
      each.last.store(0, relaxed);
    }
    for (auto& average : averages) average.store(request_interval::unknown, relaxed);
    average_after_drop.store(request_interval::unknown, relaxed);
    after_drop.store(false, relaxed);
    family.store(client.family, std::memory_order_release);
  }
};

// A group is changed by one thread at a time; who finds it taken for too long goes without.
class ClientLog::Door {
 public:
  Door(Group group, int tries) : door_(group.front().door) {
    while (!mine_ && tries-- > 0) mine_ = !door_.exchange(true, std::memory_order_acquire);
  }
  ~Door() {
    if (mine_) door_.store(false, std::memory_order_release);
  }
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;
  [[nodiscard]] bool is_mine() const { return mine_; }

 private:
  std::atomic<bool>& door_;
  bool mine_ = false;
};

void ClientLog::Free::operator()(void* memory) const {
  std::free(memory);  // NOLINT: from calloc
}

// calloc: what nobody has used costs no memory.
ClientLog::ClientLog(std::size_t records, std::uint64_t seed)
    : groups_(std::max<std::size_t>((records + ways - 1) / ways, 1)), seed_(seed) {
  static_assert(sizeof(Record) == octets_per_record);
  std::size_t room = (groups_ * ways + 1) * sizeof(Record);
  memory_.reset(std::calloc(room, 1));  // NOLINT: see above
  void* aligned = memory_.get();
  if (aligned == nullptr ||
      std::align(alignof(Record), groups_ * ways * sizeof(Record), aligned, room) == nullptr)
    throw std::bad_alloc();
  records_ = static_cast<Record*>(aligned);
}

std::span<ClientLog::Record> ClientLog::records() const {
  return {records_, groups_ * ways};
}

ClientLog::Record* ClientLog::find_or_add(const base::IpAddress& client, std::uint32_t now) {
  const auto hash = base::seeded_hash(client, seed_);
  const auto group = records().subspan(static_cast<std::size_t>((hash >> 32U) * groups_ >> 32U) * ways, ways);
  const auto preferred = static_cast<std::size_t>(hash % ways);
  const auto halves = halves_of(client);
  for (std::size_t i = 0; i < ways; ++i)
    if (auto& record = group[(preferred + i) % ways]; record.is_of(client.family, halves)) return &record;
  return add(client, group, preferred, now);
}

ClientLog::Record* ClientLog::add(const base::IpAddress& client, Group group, std::size_t preferred,
                                  std::uint32_t now) {
  constexpr int tries = 64;  // adding takes less
  const Door door{group, tries};
  Record* chosen = nullptr;
  for (std::size_t i = 0; i < ways && door.is_mine(); ++i) {
    auto& record = group[(preferred + i) % ways];
    if (record.is_of(client.family, halves_of(client))) return &record;  // by another thread just now
    const bool is_empty = record.family.load(relaxed) == base::AddressFamily::unspecified;
    const bool chosen_is_empty =
        chosen != nullptr && chosen->family.load(relaxed) == base::AddressFamily::unspecified;
    if (chosen == nullptr ||
        (!chosen_is_empty && (is_empty || record.silent_for(now) > chosen->silent_for(now))))
      chosen = &record;
  }
  if (chosen == nullptr || chosen->family.load(relaxed) != base::AddressFamily::unspecified)
    drops_.fetch_add(1, relaxed);
  if (chosen != nullptr) chosen->fill(client);
  return chosen;
}

void ClientLog::count(Service service, const base::IpAddress& client, base::MonoTime time,
                      base::Admission admission, std::uint32_t times) {
  const auto now = ticks_of(time);
  auto* const record = client.is_specified() ? find_or_add(client, now) : nullptr;
  if (record == nullptr) return;
  const auto index = static_cast<std::size_t>(service);
  auto& counts = record->counts[index];
  counts.hits.fetch_add(times, relaxed);
  const auto last = counts.last.load(relaxed);
  counts.last.store(now, relaxed);
  const bool is_ntp = service == Service::ntp;
  const bool after_drop = is_ntp && record->after_drop.load(relaxed);
  if (last != 0 || times > 1) {
    auto& average = after_drop ? record->average_after_drop : record->averages[index];
    average.store(average_with(average.load(relaxed), last, now, times), relaxed);
  }
  const bool dropped = admission == base::Admission::drop;
  if (dropped) counts.drops.fetch_add(times, relaxed);
  if (is_ntp && dropped != after_drop) record->after_drop.store(dropped, relaxed);
}

std::optional<ClientAccess> ClientLog::read(std::uint32_t index, const ClientsQuery& query,
                                            std::uint32_t now) {
  auto& record = records()[index];
  if (record.family.load(relaxed) == base::AddressFamily::unspecified) return std::nullopt;
  constexpr int tries = 10'000;
  const Door door{records().subspan(index / ways * ways, ways), tries};
  if (!door.is_mine()) return std::nullopt;
  const Halves halves{record.address[0].load(relaxed), record.address[1].load(relaxed)};
  ClientAccess access{.address = {.family = record.family.load(relaxed),
                                  .octets = std::bit_cast<decltype(base::IpAddress::octets)>(halves)}};
  bool is_wanted = query.least_hits == 0;
  for (std::size_t i = 0; i < service_count; ++i) {
    auto& counts = record.counts[i];
    auto& service = i == 0 ? access.ntp : i == 1 ? access.key_exchange : access.commands;
    service.hits = query.reset ? counts.hits.exchange(0, relaxed) : counts.hits.load(relaxed);
    service.drops = query.reset ? counts.drops.exchange(0, relaxed) : counts.drops.load(relaxed);
    service.interval = request_interval::log2_seconds(record.averages[i].load(relaxed));
    if (const auto last = counts.last.load(relaxed); last != 0)
      service.last = std::chrono::seconds{age(last, now) >> request_interval::log2_ticks};
    is_wanted = is_wanted || service.hits >= query.least_hits;
  }
  access.ntp_interval_after_drop = request_interval::log2_seconds(record.average_after_drop.load(relaxed));
  return is_wanted ? std::optional{access} : std::nullopt;
}

ClientsPage ClientLog::page(const ClientsQuery& query, base::MonoTime time) {
  const auto indices = static_cast<std::uint32_t>(records().size());
  const auto now = ticks_of(time);
  ClientsPage page{.indices = indices, .next = query.first, .clients = {}};
  const auto end = query.first + std::min(indices - std::min(indices, query.first), most_looked_at);
  for (; page.next < end && page.clients.size() < query.most; ++page.next)
    if (auto access = read(page.next, query, now)) page.clients.push_back(*access);
  return page;
}

}  // namespace gnomon::engine
