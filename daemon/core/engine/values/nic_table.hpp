// SPDX-License-Identifier: GPL-2.0-or-later
// How the timestamps of network cards become times of our system clock: an immutable snapshot, made whenever
// a card's clock was read or ours has changed its rate. From the core to sources and server workers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"

namespace gnomon::engine {

struct NicEntry {
  std::uint32_t interface = 0;  // index
  bool known = false;           // its clock was read often enough; else what follows says nothing
  base::Duration card{};        // at this time of the card
  base::RealTime system;        // our clock showed that
  double rate = 1;              // seconds of the card in one of our clock's
  std::uint32_t speed = 0;      // Mbit/s; 0: not known
  base::Seconds tx_compensation{};
  base::Seconds rx_compensation{};
};

// Of a packet that arrived, for its length on the wire.
struct ArrivedPacket {
  std::size_t payload = 0;  // octets of UDP
  bool ipv6 = false;
  std::uint32_t layer2_length = 0;  // without the check sequence; 0: not told
};

class NicTable {
 public:
  NicTable() = default;
  explicit NicTable(std::vector<NicEntry> entries) : entries_(std::move(entries)) {}

  [[nodiscard]] bool has(std::uint32_t interface) const { return find(interface) != nullptr; }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  // When the packet whose preamble the card saw had arrived whole (RFC 5905 appendix A.5 wants that, as both
  // sides then wait equally long). `around`: another timestamp of it; nullopt: the card's clock is not known,
  // or the result is more than a second from that.
  [[nodiscard]] std::optional<base::RealTime> arrival(std::uint32_t interface, base::Duration card,
                                                      const ArrivedPacket& packet,
                                                      base::RealTime around) const;
  [[nodiscard]] std::optional<base::RealTime> departure(std::uint32_t interface, base::Duration card,
                                                        base::RealTime around) const;
  // How long the packet took from its first to its last bit.
  [[nodiscard]] base::Seconds duration(std::uint32_t interface, const ArrivedPacket& packet) const;

 private:
  [[nodiscard]] const NicEntry* find(std::uint32_t interface) const;

  std::vector<NicEntry> entries_;
};

}  // namespace gnomon::engine
