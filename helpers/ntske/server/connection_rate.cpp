// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/server/connection_rate.hpp"

#include <array>
#include <cstring>

#include "base/os/random.hpp"
#include "base/os/shared_memory.hpp"

namespace gnomon::ntske {

namespace {

using Slot = base::RateLimiter::Slot;

constexpr std::size_t remembered_clients = 4092;

struct Shared {
  std::uint64_t seed = 0;
  std::array<Slot, remembered_clients> slots{};
};
static_assert(sizeof(Shared) <= ipc::ke_rate_memory_size);

}  // namespace

base::RateLimiter connection_rate(const ipc::KeServerSetup& setup) {
  if (!setup.rate_limit) return {};
  const base::RateLimit limit{{setup.rate_interval}, setup.rate_burst, setup.rate_leak};
  auto* const shared = static_cast<Shared*>(base::map_shared_memory(setup.rate_fd, ipc::ke_rate_memory_size));
  if (shared == nullptr) return {limit, remembered_clients, base::random_number<std::uint64_t>()};
  return {limit, shared->slots, shared->seed};
}

}  // namespace gnomon::ntske
