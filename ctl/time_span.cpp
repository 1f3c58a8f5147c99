// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/time_span.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/number.hpp"
#include "ctl/render/prose.hpp"

namespace gnomon::ctl {

namespace {

struct SpanUnit {
  std::string_view name;
  double seconds;
};
constexpr std::array span_units{SpanUnit{"", 1},      SpanUnit{"ns", 1e-9}, SpanUnit{"us", 1e-6},
                                SpanUnit{"ms", 1e-3}, SpanUnit{"s", 1},     SpanUnit{"m", 60},
                                SpanUnit{"min", 60},  SpanUnit{"h", 3600},  SpanUnit{"d", 86400}};

}  // namespace

std::optional<double> parse_time_span(std::string_view text) {
  const auto number_size = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = base::parse_number<double>(text.substr(0, number_size), {.low = 0});
  if (!number) return std::nullopt;
  text.remove_prefix(number_size);
  if (text.starts_with(' ')) text.remove_prefix(1);
  for (const auto& unit : span_units)
    if (text == unit.name) return *number * unit.seconds;
  return std::nullopt;
}

std::string time_span_text(double seconds) {
  const auto& unit = time_unit_of(seconds);
  return fmt::format("{:.{}f} {}", std::fabs(seconds) / unit.size, unit.size < 1e-3 ? 0 : 1, unit.name);
}

}  // namespace gnomon::ctl
