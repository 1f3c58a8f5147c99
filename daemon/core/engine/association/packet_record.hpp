// SPDX-License-Identifier: GPL-2.0-or-later
// What the log of measurements says of a packet: of one that was measured, and of one that gave nothing.
// Stateless.
#pragma once

#include <optional>

#include "base/units.hpp"
#include "daemon/core/engine/association/client_request.hpp"
#include "daemon/core/engine/association/events.hpp"
#include "daemon/core/engine/association/sampling.hpp"
#include "daemon/core/engine/values/log_records.hpp"

namespace gnomon::engine {

// poll: ours.
[[nodiscard]] MeasurementRecord record_of(const Exchanged& exchanged, const Measured& measured,
                                          base::PollExponent poll);
// Of a packet of which nothing is measured. nullopt: it was no response of a server at all.
[[nodiscard]] std::optional<MeasurementRecord> record_of(const Received& event, const ResponseCheck& check,
                                                         base::PollExponent poll);

}  // namespace gnomon::engine
