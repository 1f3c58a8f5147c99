// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/server_view.hpp"

namespace gnomon::engine {

base::Seconds ServedTime::offset(base::RealTime reading) const {
  if (!smoothed) return base::Seconds{0};
  const base::Seconds elapsed = base::to_seconds(reading - at);
  return rest + rest_rate * elapsed + base::Seconds{curve.after(elapsed).offset};
}

}  // namespace gnomon::engine
