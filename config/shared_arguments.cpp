// SPDX-License-Identifier: GPL-2.0-or-later
// Arguments that directives of several topics have: addresses and access rules.
#include <net/if.h>

#include <algorithm>
#include <array>

#include "config/directives.hpp"
#include "config/network.hpp"

namespace gnomon::config {

namespace {

// "fe80::1%eth0" with the number of eth0, if there is one. What has a number already asks for none.
std::string with_number(std::string_view text) {
  const auto percent = text.find('%');
  if (percent == text.npos || base::parse_address(text)) return std::string{text};
  const auto number = if_nametoindex(std::string{text.substr(percent + 1)}.c_str());
  return number == 0 ? std::string{text} : std::string{text.substr(0, percent + 1)} + std::to_string(number);
}

// All that use read_address().
constexpr std::array<std::string_view, 4> with_own_address{"bindacqaddress", "bindaddress", "bindcmdaddress",
                                                           "metricsaddress"};

}  // namespace

std::string handed_over(std::string_view line) {
  auto words = split_words(line);
  if (words.size() < 2 || words[1].text.starts_with('/') ||
      std::ranges::find(with_own_address, lower_case(words[0].text)) == with_own_address.end())
    return std::string{line};
  const auto address = with_number(words[1].text);
  words[1].text = address;
  return join_words(words);
}

void note_without_effect(Config& config, std::string name) {
  auto& names = config.without_effect;
  if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
}

void read_address(std::vector<base::IpAddress>& addresses, Arguments& arguments) {
  const auto address = base::parse_address(with_number(arguments.text()));
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
