// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/keygen.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/number.hpp"
#include "ctl/render/record.hpp"

namespace gnomon::ctl {

namespace {

constexpr std::size_t least_size = 10;
constexpr std::size_t largest_size = 512;

std::string names_of_types() {
  std::string names;
  for (const auto& each : protocol::key_types) names += (names.empty() ? "" : ", ") + std::string{each.name};
  return names;
}

std::string in_capitals(std::string text) {
  for (auto& each : text) each = static_cast<char>(std::toupper(static_cast<unsigned char>(each)));
  return text;
}

}  // namespace

std::expected<KeyWish, std::string> parse_keygen(const std::vector<std::string>& words) {
  if (words.size() > 3) return std::unexpected(fmt::format("unexpected argument '{}'", words[3]));
  KeyWish wish;
  if (!words.empty()) {
    const auto id = base::parse_number<std::uint32_t>(words[0], {.low = 1});
    if (!id) return std::unexpected(fmt::format("'{}' is no key ID (1 to 4294967295)", words[0]));
    wish.id = *id;
  }
  if (words.size() > 1) {
    const auto type = protocol::key_type_named(words[1]);
    if (!type) return std::unexpected(fmt::format("'{}' is no type of key: {}", words[1], names_of_types()));
    wish.type = *type;
  }
  if (words.size() > 2) {
    const auto bits = base::parse_number<std::uint32_t>(words[2]);
    if (!bits) return std::unexpected(fmt::format("'{}' is no number of bits", words[2]));
    wish.size = std::clamp((std::size_t{*bits} + 7) / 8, least_size, largest_size);
  }
  if (const auto fixed = protocol::traits(wish.type).key_size; fixed > 0) wish.size = fixed;
  return wish;
}

Reply key_reply(const KeyWish& wish, base::Bytes octets) {
  return {{"id", wish.id},
          {"type", protocol::traits(wish.type).name},
          {"key", "HEX:" + in_capitals(base::to_hex(octets))}};
}

std::string render_key(const Reply& reply, const View& /*view*/) {
  const Record key{reply};
  return fmt::format("{} {} {}\n", key.integer("id"), key.text("type"), key.text("key"));
}

}  // namespace gnomon::ctl
