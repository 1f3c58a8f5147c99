// SPDX-License-Identifier: GPL-2.0-or-later
// Who has asked us for something, how much and how often: the values behind chronyc's report clients.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"

namespace gnomon::engine {

enum class Service : std::uint8_t { ntp, key_exchange, commands };
inline constexpr std::size_t service_count = 3;

struct ServiceAccess {
  std::uint32_t hits = 0;               // requests, those that were dropped included
  std::uint32_t drops = 0;              // those that the rate limit left unanswered
  std::optional<std::int8_t> interval;  // average, log2 seconds; nullopt: no two requests yet
  std::optional<base::Duration> last;   // age of the last request; nullopt: none
  friend bool operator==(const ServiceAccess&, const ServiceAccess&) = default;
};

struct ClientAccess {
  base::IpAddress address;
  ServiceAccess ntp;
  ServiceAccess key_exchange;
  ServiceAccess commands;
  // Average of the NTP requests that follow one which was dropped, log2 seconds.
  std::optional<std::int8_t> ntp_interval_after_drop;
  friend bool operator==(const ClientAccess&, const ClientAccess&) = default;
};

// A part of the client log, record by record.
struct ClientsQuery {
  std::uint32_t first = 0;       // index of a record
  std::uint32_t most = 0;        // clients
  std::uint32_t least_hits = 0;  // of one of the services
  bool reset = false;  // hits and drops begin at zero again, those of clients that are not shown too
};
struct ClientsPage {
  std::uint32_t indices = 0;  // of the whole log
  std::uint32_t next = 0;     // where the next page begins; `indices`: there is none
  std::vector<ClientAccess> clients;
};

}  // namespace gnomon::engine
