// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/address.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "base/number.hpp"

namespace gnomon::base {

namespace {

constexpr std::array<std::uint8_t, 12> v4_mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

bool IpAddress::is_loopback() const {
  if (family == AddressFamily::ipv4) return octets[0] == 127;
  return family == AddressFamily::ipv6 && octets[15] == 1 &&
         std::all_of(octets.begin(), octets.begin() + 15, [](auto octet) { return octet == 0; });
}

bool IpAddress::is_any() const {
  return is_specified() && std::all_of(octets.begin(), octets.end(), [](auto octet) { return octet == 0; });
}

IpAddress from_octets(Bytes octets, std::uint32_t scope) {
  IpAddress address;
  if (octets.size() == 16 && std::equal(v4_mapped_prefix.begin(), v4_mapped_prefix.end(), octets.begin()))
    octets = octets.subspan(12);
  if (octets.size() != 4 && octets.size() != 16) return address;
  address.family = octets.size() == 4 ? AddressFamily::ipv4 : AddressFamily::ipv6;
  std::copy(octets.begin(), octets.end(), address.octets.begin());
  if (address.family == AddressFamily::ipv6) address.scope = scope;
  return address;
}

std::optional<IpAddress> parse_address(std::string_view text) {
  const auto percent = text.find('%');
  const std::string literal{text.substr(0, percent)};
  std::array<std::uint8_t, 16> octets{};
  if (inet_pton(AF_INET, literal.c_str(), octets.data()) == 1 && percent == text.npos)
    return from_octets(Bytes{octets}.first(4));
  if (inet_pton(AF_INET6, literal.c_str(), octets.data()) != 1) return std::nullopt;
  if (percent == text.npos) return from_octets(octets);
  const auto scope = parse_number<std::uint32_t>(text.substr(percent + 1));
  return scope ? std::optional{from_octets(octets, *scope)} : std::nullopt;
}

std::string to_string(const IpAddress& address) {
  if (!address.is_specified()) return "[UNSPEC]";
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = address.family == AddressFamily::ipv4 ? AF_INET : AF_INET6;
  inet_ntop(family, address.octets.data(), text.data(), text.size());
  std::string result{text.data()};
  if (address.scope != 0) result += "%" + std::to_string(address.scope);
  return result;
}

std::string to_string(const Endpoint& endpoint) {
  const auto address = to_string(endpoint.address);
  const auto port = ":" + std::to_string(endpoint.port);
  return endpoint.address.family == AddressFamily::ipv6 ? "[" + address + "]" + port : address + port;
}

std::optional<Subnet> parse_subnet(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto most = address_bits(address->family);
  if (slash == text.npos) return network_of(*address, most);
  const auto bits = parse_number<std::uint8_t>(text.substr(slash + 1), {.high = most});
  return bits ? std::optional{network_of(*address, *bits)} : std::nullopt;
}

Subnet network_of(const IpAddress& address, std::uint8_t bits) {
  Subnet subnet{address, bits};
  for (std::size_t i = 0; i < subnet.address.octets.size(); ++i) {
    const int kept = std::clamp(bits - static_cast<int>(i) * 8, 0, 8);
    subnet.address.octets[i] &= static_cast<std::uint8_t>(0xff00U >> static_cast<unsigned>(kept));
  }
  return subnet;
}

bool contains(const Subnet& subnet, const IpAddress& address) {
  if (!subnet.address.is_specified()) return true;
  if (subnet.address.family != address.family) return false;
  const std::size_t whole = subnet.bits / 8U;
  if (!std::equal(subnet.address.octets.begin(),
                  subnet.address.octets.begin() + static_cast<std::ptrdiff_t>(whole), address.octets.begin()))
    return false;
  const unsigned rest = subnet.bits % 8U;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff00U >> rest);
  return ((subnet.address.octets[whole] ^ address.octets[whole]) & mask) == 0;
}

}  // namespace gnomon::base
