// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/reference.hpp"

#include <algorithm>
#include <cmath>

#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::engine {

base::Seconds Reference::dispersion(LocalTime now, double rate, base::Seconds rest) const {
  const double age = std::max(base::to_seconds(now - at).count(), 0.0);
  return root_dispersion + base::Seconds{age * rate + std::fabs(rest.count())};
}

Reference reference_of(const TrackedSource& selected, const Combined& combined, base::LeapIndicator leap,
                       base::RealTime now) {
  const Estimate estimate = selected.record.estimate().value_or(Estimate{});
  const Sample& last = selected.record.last();
  Reference r;
  r.address = selected.traits.address;
  r.name = selected.traits.source.name;
  // copy: we and the source are one machine to those we serve.
  const bool copy = selected.traits.source.copy;
  r.id = copy ? last.reference_id : selected.address_id;
  r.stratum = static_cast<std::uint8_t>(std::min(last.stratum.value + (copy ? 0 : 1), 16));
  r.leap = leap;
  r.time = now;
  r.at = combined.at;
  r.root_delay = last.root_delay + estimate.delay;
  r.root_dispersion = last.root_dispersion + last.dispersion + combined.error;
  r.error = combined.error;
  return r;
}

}  // namespace gnomon::engine
