// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/drift_file.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/take_number.hpp"

namespace gnomon::engine {

namespace {

constexpr double largest_drift = 100000;   // ppm
constexpr std::string_view mark = "fast";  // what a positive frequency means

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(base::blanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(base::blanks) - start + 1);
}

}  // namespace

std::string to_text(const DriftFile& drift) {
  return fmt::format("{:20.6f} {:20.6f} {}\n", drift.frequency.value, drift.skew.value, mark);
}

std::optional<DriftText> parse_drift(std::string_view text) {
  const auto frequency = base::take_number<double>(text);
  if (!frequency) return std::nullopt;
  const auto skew = base::take_number<double>(text);
  if (!skew) return std::nullopt;
  const std::string_view rest = trimmed(text);
  if (!rest.empty() && rest != mark) return std::nullopt;
  // Written so that NaN fails, too.
  if (!(std::fabs(*frequency) <= largest_drift) || !(*skew > 0) || !std::isfinite(*skew)) return std::nullopt;
  return DriftText{{{*frequency}, {*skew}}, !rest.empty()};
}

}  // namespace gnomon::engine
