// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/parameters.hpp"

#include <charconv>

#include <boost/json/array.hpp>

namespace gnomon::core::control {

namespace {

std::optional<base::Subnet> parse_subnet(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = base::parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned most = address->family == base::AddressFamily::ipv4 ? 32 : 128;
  unsigned bits = most;
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || end != digits.data() + digits.size() || bits > most) return std::nullopt;
  }
  return base::Subnet{*address, static_cast<std::uint8_t>(bits)};
}

}  // namespace

std::string Parameters::text(std::string_view name) {
  const auto* value = given_->if_contains(name);
  if (value != nullptr && value->is_string() && !value->get_string().empty())
    return std::string{value->get_string()};
  spoil(name);
  return {};
}

std::vector<std::string> Parameters::words(std::string_view name) {
  std::vector<std::string> read;
  const auto* value = given_->if_contains(name);
  if (value == nullptr || !value->is_array()) return spoil(name), read;
  for (const auto& word : value->get_array()) {
    if (!word.is_string()) return spoil(name), read;
    read.emplace_back(word.get_string());
  }
  return read;
}

std::optional<base::Subnet> Parameters::subnet_if_any(std::string_view name) {
  if (!has(name)) return std::nullopt;
  const auto& value = given_->at(name);
  const auto read = value.is_string() ? parse_subnet(value.get_string()) : std::nullopt;
  if (!read) spoil(name);
  return read;
}

}  // namespace gnomon::core::control
