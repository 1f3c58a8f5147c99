// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"

#include <bit>
#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "config/command_line.hpp"

namespace gnomon::ctl {

namespace {

// 255.255.255.0 is 24; a mask with holes is none.
std::optional<int> bits_of(const base::IpAddress& mask) {
  int bits = 0;
  bool ended = false;
  for (const std::uint8_t octet : mask.bytes()) {
    const int ones = std::countl_one(octet);
    if ((ended && octet != 0) || std::popcount(octet) != ones) return std::nullopt;
    bits += ones;
    ended = ended || ones < 8;
  }
  return bits;
}

// chronyc's ADDRESS, ADDRESS/BITS and MASK/ADDRESS as ADDRESS[/BITS].
std::optional<std::string> masked_subnet_of(const std::string& text) {
  if (base::parse_subnet(text)) return text;
  const auto slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto mask = base::parse_address(text.substr(0, slash));
  const auto address = base::parse_address(text.substr(slash + 1));
  const auto bits = mask ? bits_of(*mask) : std::nullopt;
  if (!address || !bits || mask->family != address->family) return std::nullopt;
  return fmt::format("{}/{}", base::to_string(*address), *bits);
}

}  // namespace

std::string count_complaint(const Words& words, std::size_t least, std::size_t most) {
  if (words.size() > most) return fmt::format("unexpected argument '{}'", words[most]);
  return words.size() < least ? "missing argument" : "";
}

std::expected<double, std::string> number_of(const std::string& word) {
  const auto value = base::parse_number<double>(word);
  if (!value) return std::unexpected(fmt::format("'{}' is not a number", word));
  return *value;
}

Made check_file(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 0, 1); !complaint.empty())
    return std::unexpected(std::move(complaint));
  auto file = words.empty()     ? config::default_file(config::takes_chronyds_place() ? "chronyd" : "gnomond")
              : words[0] == "-" ? std::string{"/dev/stdin"}
                                : words[0];
  return MethodCall{.method = {}, .check = CheckOptions{.file = std::move(file)}};
}

Made with_subnet(MethodCall call, const Words& words, std::size_t at) {
  if (auto complaint = count_complaint(words, at, at + 1); !complaint.empty())
    return std::unexpected(std::move(complaint));
  if (words.size() == at) return call;
  if (const auto subnet = masked_subnet_of(words[at]))
    call.parameters["within"] = *subnet;
  else if (words[at].find_first_of("/ :") == std::string::npos)
    call.parameters["source"] = words[at];
  else
    return std::unexpected(
        fmt::format("'{}' is neither an address, nor MASK/ADDRESS, nor the name of a source", words[at]));
  return call;
}

}  // namespace gnomon::ctl
