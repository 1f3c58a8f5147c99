// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/parameter.hpp"

#include <algorithm>

#include "base/number.hpp"

namespace gnomon::refclock {

namespace {

const std::string* find(const Parameter& parameter, std::string_view option) {
  const auto found =
      std::ranges::find(parameter.options, option, &std::pair<std::string, std::string>::first);
  return found == parameter.options.end() ? nullptr : &found->second;
}

}  // namespace

bool Parameter::has(std::string_view option) const {
  return find(*this, option) != nullptr;
}

std::expected<std::optional<int>, std::string> Parameter::number(std::string_view option, int low, int high,
                                                                 int radix) const {
  const auto* const text = find(*this, option);
  if (text == nullptr) return std::nullopt;
  const auto value = base::parse_number<int>(*text, {low, high}, radix);
  if (value) return *value;
  return std::unexpected("its option " + std::string{option} + "=" + *text + " is out of range");
}

std::expected<Parameter, std::string> parse_parameter(std::string_view text,
                                                      std::span<const std::string_view> known) {
  Parameter parameter;
  const auto name_end = std::min(text.find(':'), text.size());
  parameter.name = text.substr(0, name_end);
  for (auto rest = text.substr(name_end); !rest.empty();) {
    rest.remove_prefix(1);
    const auto word = rest.substr(0, rest.find(':'));
    rest.remove_prefix(word.size());
    const auto key = word.substr(0, word.find('='));
    if (std::ranges::find(known, key) == known.end())
      return std::unexpected("its driver has no option '" + std::string{key} + "'");
    const auto value = key.size() < word.size() ? word.substr(key.size() + 1) : std::string_view{};
    parameter.options.emplace_back(key, value);
  }
  if (parameter.name.empty()) return std::unexpected("its parameter is empty");
  return parameter;
}

}  // namespace gnomon::refclock
