// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/possible_server.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::engine {

namespace {

constexpr std::uint16_t first_unprivileged_port = 1024;
constexpr std::uint16_t ntp_port = 123;

bool is_ours(const base::IpAddress& address, const KeServer& from) {
  return address.is_loopback() || std::ranges::binary_search(from.own_addresses, reference_id_of(address));
}

}  // namespace

std::string_view why_impossible(const base::IpAddress& address) {
  const auto& octets = address.octets;
  const bool ipv4 = address.family == base::AddressFamily::ipv4;
  if (!address.is_specified() || address.is_any() || (ipv4 && octets[0] == 0)) return "it is unspecified";
  if (ipv4 ? (octets[0] & 0xf0U) == 0xe0 : octets[0] == 0xff) return "it is a multicast address";
  if (ipv4 && std::ranges::all_of(address.bytes(), [](auto octet) { return octet == 0xff; }))
    return "it is the broadcast address";
  if (!ipv4 && octets[0] == 0xfe && (octets[1] & 0xc0U) == 0x80 && address.scope == 0)
    return "it is link-local, of no interface";
  return {};
}

std::string remove_impossible(std::vector<base::IpAddress>& addresses) {
  std::string removed;
  std::erase_if(addresses, [&](const base::IpAddress& address) {
    const auto why = why_impossible(address);
    if (!why.empty())
      removed += fmt::format("{}{}, {}", removed.empty() ? "" : "; ", to_string(address), why);
    return !why.empty();
  });
  return removed;
}

std::string_view why_refused(std::uint16_t port, const KeServer& from) {
  if (port == ntp_port || port == from.usual_port || port >= first_unprivileged_port) return {};
  return "a port below 1024 other than 123 is another service's";
}

std::string_view why_refused(const base::Endpoint& ntp, const KeServer& from) {
  if (const auto why = why_impossible(ntp.address); !why.empty()) return why;
  if (is_ours(ntp.address, from) && !is_ours(from.address, from))
    return "it is this machine's own, and the NTS-KE server is another machine";
  return why_refused(ntp.port, from);
}

}  // namespace gnomon::engine
