// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/parameters.hpp"

#include <boost/json/array.hpp>

namespace gnomon::core::control {

std::string Parameters::text(std::string_view name) {
  const auto* value = given_->if_contains(name);
  if (value != nullptr && value->is_string() && !value->get_string().empty())
    return std::string{value->get_string()};
  spoil(name);
  return {};
}

std::string Parameters::word(std::string_view name, std::initializer_list<std::string_view> choices) {
  auto read = text(name);
  if (std::ranges::find(choices, read) == choices.end()) spoil(name);
  return read;
}

base::IpAddress Parameters::address(std::string_view name) {
  const auto read = base::parse_address(text(name));
  if (!read) spoil(name);
  return read.value_or(base::IpAddress{});
}

std::vector<std::string> Parameters::words(std::string_view name) {
  std::vector<std::string> read;
  const auto* value = given_->if_contains(name);
  const bool is_list =
      value != nullptr && value->is_array() &&
      std::ranges::all_of(value->get_array(), [](const auto& word) { return word.is_string(); });
  if (!is_list) {
    spoil(name);
    return read;
  }
  for (const auto& word : value->get_array()) read.emplace_back(word.get_string());
  return read;
}

std::optional<base::Subnet> Parameters::subnet_if_any(std::string_view name) {
  if (!has(name)) return std::nullopt;
  const auto& value = given_->at(name);
  const auto read = value.is_string() ? base::parse_subnet(value.get_string()) : std::nullopt;
  if (!read) spoil(name);
  return read;
}

}  // namespace gnomon::core::control
