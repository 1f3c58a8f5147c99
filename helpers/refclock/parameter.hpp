// SPDX-License-Identifier: GPL-2.0-or-later
// The parameter of a `refclock` line with its options: "/dev/ptp0:nocrossts:pin=1".
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gnomon::refclock {

struct Parameter {
  std::string name;  // before the first colon
  std::vector<std::pair<std::string, std::string>> options;

  [[nodiscard]] bool has(std::string_view option) const;
  // nullopt: not given. An error: it is no whole number of that radix within the range; a clause.
  [[nodiscard]] std::expected<std::optional<int>, std::string> number(std::string_view option, int low,
                                                                      int high, int radix = 10) const;
};
// The error names an option that is not among the `known`.
[[nodiscard]] std::expected<Parameter, std::string> parse_parameter(std::string_view text,
                                                                    std::span<const std::string_view> known);

}  // namespace gnomon::refclock
