// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/text/amount.hpp"

#include <fmt/format.h>

#include <cmath>

namespace gnomon::engine {

std::string amount(base::Seconds value) {
  const double size = std::fabs(value.count());
  if (size < 999.5e-9) return fmt::format("{:.0f} ns", size * 1e9);
  if (size < 999.5e-6) return fmt::format("{:.0f} us", size * 1e6);
  if (size < 0.9995) return fmt::format("{:.1f} ms", size * 1e3);
  constexpr double hour = 3600;
  constexpr double day = 24 * hour;
  constexpr double year = 365.2425 * day;
  if (size < 2 * hour) return fmt::format("{:.3f} s", size);
  if (size < 2 * day) return fmt::format("{:.2f} hours", size / hour);
  if (size < 2 * year) return fmt::format("{:.2f} days", size / day);
  return fmt::format("{:.2f} years", size / year);
}

std::string signed_amount(base::Seconds value) {
  return (value.count() < 0 ? "-" : "+") + amount(value);
}

std::string age_text(base::Duration age) {
  const double seconds = std::fmax(base::to_seconds(age).count(), 0);
  if (seconds < 119.5) return fmt::format("{:.0f} s", seconds);
  if (seconds < 2 * 3600) return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 2 * 86400) return fmt::format("{:.0f} h", seconds / 3600);
  return fmt::format("{:.0f} days", seconds / 86400);
}

}  // namespace gnomon::engine
