// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/diagnostic.hpp"

#include <fmt/format.h>

namespace gnomon::config {

std::string to_text(const Diagnostic& diagnostic) {
  const auto& place = diagnostic.place;
  const auto where = place.file.empty() ? fmt::format("argument {}, column {}: ", place.line, place.column)
                     : place.line == 0  ? std::string{}
                                        : fmt::format("{}:{}:{}: ", place.file, place.line, place.column);
  const auto guess =
      diagnostic.nearest.empty() ? std::string{} : fmt::format(", did you mean '{}'?", diagnostic.nearest);
  return where + diagnostic.message + guess;
}

}  // namespace gnomon::config
