// SPDX-License-Identifier: GPL-2.0-or-later
// Internet addresses as values: an address, an endpoint (address and port), a subnet.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace gnomon::base {

enum class AddressFamily : std::uint8_t { unspecified, ipv4, ipv6 };

// IPv4 in the first four octets, the rest zero. An IPv4-mapped IPv6 address is never held: see from_octets().
struct IpAddress {
  AddressFamily family = AddressFamily::unspecified;
  std::array<std::uint8_t, 16> octets{};
  std::uint32_t scope = 0;  // interface index of an IPv6 link-local address, 0 otherwise

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
  [[nodiscard]] bool is_specified() const { return family != AddressFamily::unspecified; }
  [[nodiscard]] Bytes bytes() const { return Bytes{octets}.first(family == AddressFamily::ipv4 ? 4 : 16); }
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_any() const;  // 0.0.0.0 or ::
};

// 4 or 16 octets (another count: unspecified). ::ffff:a.b.c.d becomes a.b.c.d.
[[nodiscard]] IpAddress from_octets(Bytes octets, std::uint32_t scope = 0);
// A literal address only; "fe80::1%2" sets the scope, "fe80::1%eth0" is a name: the kernel must be asked.
[[nodiscard]] std::optional<IpAddress> parse_address(std::string_view text);
[[nodiscard]] std::string to_string(const IpAddress& address);

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};
[[nodiscard]] std::string to_string(const Endpoint& endpoint);  // 192.0.2.1:123, [2001:db8::1]:123

struct Subnet {
  IpAddress address;      // family unspecified: every address
  std::uint8_t bits = 0;  // 0..32 or 0..128
  friend auto operator<=>(const Subnet&, const Subnet&) = default;
};
// ADDRESS or ADDRESS/BITS; without bits the address alone. Host bits are cleared.
[[nodiscard]] std::optional<Subnet> parse_subnet(std::string_view text);
[[nodiscard]] Subnet network_of(const IpAddress& address, std::uint8_t bits);  // host bits cleared
[[nodiscard]] constexpr std::uint8_t address_bits(AddressFamily family) {      // a host's prefix length
  return family == AddressFamily::ipv4 ? 32 : 128;
}
[[nodiscard]] bool contains(const Subnet& subnet, const IpAddress& address);

}  // namespace gnomon::base
