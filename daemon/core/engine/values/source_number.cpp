// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/source_number.hpp"

#include <fmt/format.h>

#include "base/number.hpp"

namespace gnomon::engine {

namespace {

constexpr std::string_view number_mark = "ID#";

}  // namespace

std::string number_of(base::SourceId id) {
  return fmt::format("{}{:010}", number_mark, id.value);
}

std::optional<base::SourceId> numbered(std::string_view name) {
  if (!name.starts_with(number_mark)) return std::nullopt;
  const auto number = base::parse_number<std::uint32_t>(name.substr(number_mark.size()));
  return number ? std::optional(base::SourceId{*number}) : std::nullopt;
}

}  // namespace gnomon::engine
