// SPDX-License-Identifier: GPL-2.0-or-later
// Arguments that directives of several topics have: addresses, access rules and rate limits.
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

constexpr Range accepted{-32, 255};  // what chrony accepts; each option brings it to what makes sense

constexpr std::array limit_options{
    OptionOf<RateLimit>{
        {.name = "interval",
         .arguments = "LOG2",
         .text = "The time between two answers to one client, a power of two in seconds, -19 to 12.",
         .range = accepted},
        [](RateLimit& l, Arguments& a) { l.interval = a.log2_seconds(-19, 12); }},
    OptionOf<RateLimit>{{.name = "burst",
                         .arguments = "N",
                         .default_value = "8",
                         .text = "How many requests are answered before the limit applies, 1 to 255.",
                         .range = accepted},
                        [](RateLimit& l, Arguments& a) { l.burst = std::clamp(a.integer<int>(), 1, 255); }},
    OptionOf<RateLimit>{
        {.name = "leak",
         .arguments = "LOG2",
         .default_value = "2",
         .text = "One in 2^leak requests above the limit is answered anyway, at random, 1 to 4.",
         .range = accepted},
        [](RateLimit& l, Arguments& a) { l.leak = std::clamp(a.integer<int>(), 1, 4); }},
    OptionOf<RateLimit>{
        {.name = "kod",
         .arguments = "LOG2",
         .default_value = "0",
         .text = "One in 2^kod requests above the limit gets the answer to slow down, 1 to 4; 0 means none.",
         .range = accepted},
        [](RateLimit& l, Arguments& a) { l.kod = std::clamp(a.integer<int>(), 0, 4); }},
};
constexpr std::span<const OptionOf<RateLimit>> all_options{limit_options};
constexpr auto without_kod = all_options.first(limit_options.size() - 1);

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

std::vector<Row> rate_limit_rows() {
  return rows_of(all_options);
}

std::vector<Row> rate_limit_rows_without_kod() {
  return rows_of(without_kod);
}

void read_rate_limit(std::optional<RateLimit>& limit, const RateLimit& defaults, bool kod,
                     Arguments& arguments) {
  auto result = limit.value_or(defaults);  // a second line changes only what it names
  read_options(result, kod ? all_options : without_kod, "", arguments, nullptr);
  limit = result;
}

}  // namespace gnomon::config
