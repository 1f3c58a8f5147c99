// SPDX-License-Identifier: GPL-2.0-or-later
// What an earlier core may have left in the memory of measurements: no octets but those of a record are one,
// its numbers are finite and its texts readable, and it can be written and read again.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "daemon/core/events/event_fields.hpp"
#include "daemon/core/measurements/recorded.hpp"

using namespace gnomon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto recorded = core::decode_recorded({data, size});
  if (!recorded) return 0;
  if (const auto* const measured = std::get_if<core::RecordedMeasurement>(&*recorded)) {
    if (core::readable(measured->source.name) != measured->source.name) std::abort();
    if (!std::isfinite(measured->offset.count()) || !std::isfinite(measured->delay.count())) std::abort();
  }
  if (core::decode_recorded(core::encode(*recorded)) != recorded) std::abort();
  return 0;
}
