// SPDX-License-Identifier: GPL-2.0-or-later
// Arguments that directives of several topics have: addresses and access rules.
#include <net/if.h>

#include <algorithm>
#include <array>

#include "base/number.hpp"
#include "config/directives.hpp"

namespace gnomon::config {

namespace {

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

// As chrony takes it. A scope has no meaning here, and of an IPv4 address inside IPv6 notation a prefix
// length would count other bits than ours.
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
    const auto text = arguments.text();
    if (const auto subnet = parse_network(text)) {
      rule.subnet = *subnet;
    } else if (base::is_host_name(text)) {
      rule.host = text;
    } else {
      arguments.wrong("'all', an address, a subnet such as 192.0.2.0/24, or a host name", {"all"});
      return;
    }
  }
  rules.push_back(rule);
}

}  // namespace gnomon::config
