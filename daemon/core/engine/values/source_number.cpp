// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/source_number.hpp"

#include <fmt/format.h>

#include "base/number.hpp"

namespace gnomon::engine {

namespace {

constexpr std::string_view mark = "ID#";

}  // namespace

std::string number_of(base::SourceId id) {
  return fmt::format("{}{:010}", mark, id.value);
}

std::optional<base::SourceId> numbered(std::string_view name) {
  if (!name.starts_with(mark)) return std::nullopt;
  const auto number = base::parse_number<std::uint32_t>(name.substr(mark.size()));
  return number ? std::optional(base::SourceId{*number}) : std::nullopt;
}

}  // namespace gnomon::engine
