// SPDX-License-Identifier: GPL-2.0-or-later
// Who has asked us, how often and what was dropped (chrony's client log, `clients`): a table of fixed size
// that the server's workers and the core's main thread write at the same time. Owned by the NTP server.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/address.hpp"
#include "base/rate_limiter.hpp"
#include "base/time.hpp"
#include "daemon/core/engine/values/client_access.hpp"

namespace gnomon::engine {

class ClientLog {
 public:
  static constexpr std::size_t octets_per_record = 64;
  // How many records one page() looks at: reports must not hold the main thread up.
  static constexpr std::uint32_t most_looked_at = 65536;

  // `records`: memory is taken when they are used. Of four that share a group the one whose client has been
  // silent longest makes room. `seed`: random.
  ClientLog(std::size_t records, std::uint64_t seed);

  // `times` requests of one client at about that moment. Any thread, no lock, no allocation. Only a client
  // that is new, and whose group another thread is just adding one to, may be left out.
  void count(Service service, const base::IpAddress& client, base::MonoTime now, base::Admission admission,
             std::uint32_t times = 1);

  [[nodiscard]] ClientsPage page(const ClientsQuery& query, base::MonoTime now);
  // Records that made room for others, and requests that were left out.
  [[nodiscard]] std::uint64_t drops() const { return drops_.load(std::memory_order_relaxed); }

 private:
  struct Record;
  class Door;
  struct Free {
    void operator()(void* memory) const;
  };
  using Group = std::span<Record>;
  [[nodiscard]] std::span<Record> records() const;
  [[nodiscard]] Record* find_or_add(const base::IpAddress& client, std::uint32_t now);
  [[nodiscard]] Record* add(const base::IpAddress& client, Group group, std::size_t preferred,
                            std::uint32_t now);
  [[nodiscard]] std::optional<ClientAccess> read(std::uint32_t index, const ClientsQuery& query,
                                                 std::uint32_t now);

  std::unique_ptr<void, Free> memory_;
  Record* records_ = nullptr;
  std::size_t groups_;
  std::uint64_t seed_;
  std::atomic<std::uint64_t> drops_{0};
};

}  // namespace gnomon::engine
