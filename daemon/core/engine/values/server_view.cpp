// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/server_view.hpp"

namespace gnomon::engine {

base::Seconds ServedTime::correction(base::RealTime reading) const {
  const base::Seconds left = rest + rest_rate * base::to_seconds(reading - at);
  if (!slewed) return left;
  // A slew ends when nothing is left, whether that has been told or not.
  const bool is_over = rest > base::Seconds{} ? left < base::Seconds{} : left > base::Seconds{};
  return is_over ? base::Seconds{} : left;
}

base::Seconds ServedTime::offset(base::RealTime reading) const {
  if (!smoothed) return correction(reading);
  return correction(reading) + base::Seconds{curve.after(base::to_seconds(reading - at) * curve_rate).offset};
}

}  // namespace gnomon::engine
