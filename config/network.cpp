// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/network.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/number.hpp"

namespace gnomon::config {

namespace {

constexpr std::uint16_t first_unprivileged_port = 1024;
constexpr std::uint16_t ntp_port = 123;

// "10", "10.0", "10.0.0": the octets left out are zero. Without bits those given count.
std::optional<base::Subnet> parse_shortened(std::string_view text, std::optional<std::uint8_t> bits) {
  std::array<std::uint8_t, 4> octets{};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto dot = text.find('.');
    const auto octet = base::parse_number<std::uint8_t>(text.substr(0, dot));
    if (!octet) return std::nullopt;
    octets[i] = *octet;
    if (dot == text.npos)
      return base::network_of(base::from_octets(octets),
                              bits.value_or(static_cast<std::uint8_t>((i + 1) * 8)));
    text.remove_prefix(dot + 1);
  }
  return std::nullopt;
}

}  // namespace

std::optional<base::Subnet> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto network = text.substr(0, slash);
  if (const auto address = base::parse_address(network)) {
    const bool mapped = address->family == base::AddressFamily::ipv4 && network.contains(':');
    return mapped || network.contains('%') ? std::nullopt : base::parse_subnet(text);
  }
  if (slash == text.npos) return parse_shortened(network, std::nullopt);
  const auto bits = base::parse_number<std::uint8_t>(text.substr(slash + 1), {.high = 32});
  return bits ? parse_shortened(network, bits) : std::nullopt;
}

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

std::string_view why_refused(std::uint16_t port, std::uint16_t usual) {
  if (port == ntp_port || port == usual || port >= first_unprivileged_port) return {};
  return "a port below 1024 other than 123 is another service's";
}

}  // namespace gnomon::config
