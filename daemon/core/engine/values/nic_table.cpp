// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/nic_table.hpp"

#include <algorithm>
#include <chrono>

namespace gnomon::engine {

namespace {

using namespace std::chrono_literals;

constexpr base::Duration farthest_stamp = 1s;  // from another timestamp of the same packet
constexpr std::uint32_t headers_ipv4 = 14 + 20 + 8;
constexpr std::uint32_t headers_ipv6 = 14 + 40 + 8;
constexpr std::uint32_t check_sequence = 4;

std::optional<base::RealTime> system_time(const NicEntry& nic, base::Duration card, base::Seconds correction,
                                          base::RealTime around) {
  // What a card that has lost its mind says must not overflow.
  constexpr base::Seconds longest{1e6};
  const base::Seconds elapsed{(static_cast<double>(card.count()) - static_cast<double>(nic.card.count())) *
                              1e-9};
  if (!nic.known || elapsed > longest || elapsed < -longest) return std::nullopt;
  const auto exact = card - nic.card;
  const base::Seconds drift = elapsed / nic.rate - elapsed;
  const auto time = nic.system + exact + base::to_duration(drift + correction);
  if (time - around > farthest_stamp || around - time > farthest_stamp) return std::nullopt;
  return time;
}

base::Seconds time_on_wire(const NicEntry& nic, const ArrivedPacket& packet) {
  if (nic.speed == 0) return base::Seconds{0};
  const auto headers = packet.ipv6 ? headers_ipv6 : headers_ipv4;
  const double length =
      packet.layer2_length != 0 ? packet.layer2_length : static_cast<double>(packet.payload) + headers;
  return base::Seconds{(length + check_sequence) * 8 / (nic.speed * 1e6)};
}

}  // namespace

const NicEntry* NicTable::find(std::uint32_t interface) const {
  const auto at = std::ranges::find(entries_, interface, &NicEntry::interface);
  return at == entries_.end() ? nullptr : &*at;
}

std::optional<base::RealTime> NicTable::arrival(std::uint32_t interface, base::Duration card,
                                                const ArrivedPacket& packet, base::RealTime around) const {
  const auto* const nic = find(interface);
  if (nic == nullptr) return std::nullopt;
  return system_time(*nic, card, time_on_wire(*nic, packet) - nic->rx_compensation, around);
}

std::optional<base::RealTime> NicTable::departure(std::uint32_t interface, base::Duration card,
                                                  base::RealTime around) const {
  const auto* const nic = find(interface);
  return nic == nullptr ? std::nullopt : system_time(*nic, card, nic->tx_compensation, around);
}

base::Seconds NicTable::duration(std::uint32_t interface, const ArrivedPacket& packet) const {
  const auto* const nic = find(interface);
  return nic == nullptr ? base::Seconds{0} : time_on_wire(*nic, packet);
}

}  // namespace gnomon::engine
