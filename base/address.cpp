// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/address.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace gnomon::base {

namespace {

constexpr std::array<std::uint8_t, 12> v4_mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

using Words = std::vector<std::uint16_t>;  // the groups of an IPv6 address
constexpr std::size_t all_words = 8;

// The whole text as a number of at most `digits` digits; no sign, no white space.
std::optional<std::uint16_t> parse_group(std::string_view text, int base, std::size_t digits) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && text.size() <= digits;
  return whole ? std::optional{value} : std::nullopt;
}

// Takes the text up to the separator away from `rest`, and the separator too.
std::string_view cut_at(std::string_view& rest, char separator) {
  const auto at = std::min(rest.find(separator), rest.size());
  const auto first = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return first;
}

// Four decimal numbers; no leading zeros, which some read as octal.
std::optional<std::array<std::uint8_t, 4>> parse_v4(std::string_view text) {
  if (std::ranges::count(text, '.') != 3) return std::nullopt;
  std::array<std::uint8_t, 4> octets{};
  for (auto& octet : octets) {
    const auto part = cut_at(text, '.');
    const auto number = parse_group(part, 10, 3);
    if (!number || *number > 255 || (part.size() > 1 && part[0] == '0')) return std::nullopt;
    octet = static_cast<std::uint8_t>(*number);
  }
  return octets;
}

// Groups between colons. The last of them may be an IPv4 address (RFC 4291 section 2.2), `may_end_in_v4`.
std::optional<Words> parse_words(std::string_view text, bool may_end_in_v4) {
  Words words;
  if (text.empty()) return words;
  for (bool more = true; more;) {
    more = text.contains(':');
    const auto part = cut_at(text, ':');
    if (const auto v4 = more || !may_end_in_v4 ? std::nullopt : parse_v4(part)) {
      words.push_back(static_cast<std::uint16_t>((*v4)[0] << 8U | (*v4)[1]));
      words.push_back(static_cast<std::uint16_t>((*v4)[2] << 8U | (*v4)[3]));
    } else if (const auto word = parse_group(part, 16, 4)) {
      words.push_back(*word);
    } else {
      return std::nullopt;
    }
  }
  return words;
}

std::optional<std::array<std::uint8_t, 16>> parse_v6(std::string_view text) {
  const auto gap = text.find("::");
  const bool has_gap = gap != text.npos;
  auto words = parse_words(text.substr(0, gap), !has_gap);
  const auto tail = has_gap ? parse_words(text.substr(gap + 2), true) : std::optional{Words{}};
  if (!words || !tail) return std::nullopt;
  const auto given = words->size() + tail->size();
  if (has_gap ? given >= all_words : given != all_words) return std::nullopt;
  words->resize(all_words - tail->size());
  words->insert(words->end(), tail->begin(), tail->end());
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < all_words; ++i) {
    octets.at(2 * i) = static_cast<std::uint8_t>((*words)[i] >> 8U);
    octets.at(2 * i + 1) = static_cast<std::uint8_t>((*words)[i]);
  }
  return octets;
}

std::string v4_text(Bytes octets) {
  return std::to_string(octets[0]) + '.' + std::to_string(octets[1]) + '.' + std::to_string(octets[2]) + '.' +
         std::to_string(octets[3]);
}

std::string hex(std::uint16_t word) {
  std::array<char, 4> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), word, 16);
  return {digits.data(), end};
}

struct Gap {
  std::size_t begin = all_words;
  std::size_t size = 0;
};

// The first of the longest runs of zeros, of two groups at least (RFC 5952 section 4.2).
Gap longest_gap(const Words& words) {
  Gap longest;
  for (std::size_t i = 0; i < all_words; ++i) {
    const auto first = words.begin() + static_cast<std::ptrdiff_t>(i);
    const auto end = std::find_if(first, words.end(), [](auto word) { return word != 0; });
    const auto size = static_cast<std::size_t>(end - first);
    if (size > std::max<std::size_t>(longest.size, 1)) longest = {i, size};
  }
  return longest;
}

std::string v6_text(Bytes octets) {
  Words words;
  for (std::size_t i = 0; i < all_words; ++i)
    words.push_back(static_cast<std::uint16_t>(octets[2 * i] << 8U | octets[2 * i + 1]));
  const auto gap = longest_gap(words);
  // As libc writes it: an IPv4 address behind zeros is one.
  if (gap.begin == 0 && gap.size == 6) return "::" + v4_text(octets.subspan(12));
  std::string text;
  for (std::size_t i = 0; i < all_words; ++i) {
    if (i == gap.begin) {
      text += "::";
      i += gap.size - 1;
      continue;
    }
    if (!text.empty() && !text.ends_with(':')) text += ':';
    text += hex(words[i]);
  }
  return text;
}

std::optional<std::uint32_t> parse_scope(std::string_view text) {
  std::uint32_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional{index} : std::nullopt;
}

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
  if (const auto v4 = percent == text.npos ? parse_v4(text) : std::nullopt) return from_octets(*v4);
  const auto v6 = parse_v6(text.substr(0, percent));
  if (!v6) return std::nullopt;
  if (percent == text.npos) return from_octets(*v6);
  const auto scope = parse_scope(text.substr(percent + 1));
  return scope ? std::optional{from_octets(*v6, *scope)} : std::nullopt;
}

std::string to_string(const IpAddress& address) {
  if (!address.is_specified()) return "[UNSPEC]";
  if (address.family == AddressFamily::ipv4) return v4_text(address.octets);
  const auto text = v6_text(address.octets);
  return address.scope == 0 ? text : text + "%" + std::to_string(address.scope);
}

std::string to_string(const Endpoint& endpoint) {
  const auto address = to_string(endpoint.address);
  const auto port = ":" + std::to_string(endpoint.port);
  return endpoint.address.family == AddressFamily::ipv6 ? "[" + address + "]" + port : address + port;
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
