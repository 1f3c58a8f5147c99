// SPDX-License-Identifier: GPL-2.0-or-later
// Arguments that directives of several topics have: addresses and access rules.
#include <net/if.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "config/directives.hpp"

namespace gnomon::config {

namespace {

std::optional<unsigned> small_number(std::string_view text, unsigned max) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

struct Network {
  base::IpAddress address;
  unsigned natural_bits = 0;  // without a prefix length
};

// "10", "10.0", "10.0.0": the octets left out are zero.
std::optional<Network> parse_shortened(std::string_view text) {
  std::array<std::uint8_t, 4> octets{};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto dot = text.find('.');
    const auto octet = small_number(text.substr(0, dot), 255);
    if (!octet) return std::nullopt;
    octets[i] = static_cast<std::uint8_t>(*octet);
    if (dot == text.npos) return Network{base::from_octets(octets), static_cast<unsigned>(i + 1) * 8};
    text.remove_prefix(dot + 1);
  }
  return std::nullopt;
}

std::optional<Network> parse_network(std::string_view text) {
  if (text.contains('%')) return std::nullopt;
  const auto address = base::parse_address(text);
  if (!address) return parse_shortened(text);
  // An IPv4 address inside IPv6 notation: a prefix length would count other bits than ours.
  const bool mapped = address->family == base::AddressFamily::ipv4 && text.contains(':');
  if (mapped) return std::nullopt;
  return Network{*address, address->family == base::AddressFamily::ipv4 ? 32U : 128U};
}

void clear_host_bits(base::Subnet& subnet) {
  for (std::size_t i = 0; i < subnet.address.octets.size(); ++i) {
    const int kept = std::clamp(subnet.bits - static_cast<int>(i) * 8, 0, 8);
    subnet.address.octets[i] &= static_cast<std::uint8_t>(0xff00U >> static_cast<unsigned>(kept));
  }
}

std::optional<base::Subnet> parse_subnet(std::string_view text) {
  const auto slash = text.find('/');
  const auto network = parse_network(text.substr(0, slash));
  if (!network) return std::nullopt;
  const unsigned most = network->address.family == base::AddressFamily::ipv4 ? 32U : 128U;
  std::optional<unsigned> bits = network->natural_bits;
  if (slash != text.npos) bits = small_number(text.substr(slash + 1), most);
  if (!bits) return std::nullopt;
  base::Subnet subnet{network->address, static_cast<std::uint8_t>(*bits)};
  clear_host_bits(subnet);
  return subnet;
}

// "fe80::1%eth0" too, of an interface that exists.
std::optional<base::IpAddress> parse_own_address(std::string_view text) {
  const auto percent = text.find('%');
  if (percent == text.npos) return base::parse_address(text);
  const unsigned index = if_nametoindex(std::string{text.substr(percent + 1)}.c_str());
  if (index == 0) return base::parse_address(text);
  return base::parse_address(std::string{text.substr(0, percent + 1)} + std::to_string(index));
}

}  // namespace

void note_without_effect(Config& config, std::string name) {
  auto& names = config.without_effect;
  if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
}

void read_address(std::vector<base::IpAddress>& addresses, Arguments& arguments) {
  const auto address = parse_own_address(arguments.text());
  if (!address) {
    arguments.wrong("an IPv4 or IPv6 address");
    return;
  }
  std::erase_if(addresses, [&](const base::IpAddress& a) { return a.family == address->family; });
  addresses.push_back(*address);
}

void read_access(std::vector<base::AccessRule>& rules, bool allow, Arguments& arguments) {
  base::AccessRule rule{.allow = allow};
  if (arguments.left() > 0 && arguments.peek() == "all") {
    arguments.text();
    rule.all = true;
  }
  if (arguments.more()) {
    const auto subnet = parse_subnet(arguments.text());
    if (!subnet) {
      arguments.wrong(
          "'all', an address or a subnet such as 192.0.2.0/24 (a host name is not looked up here)", {"all"});
      return;
    }
    rule.subnet = *subnet;
  }
  rules.push_back(rule);
}

}  // namespace gnomon::config
