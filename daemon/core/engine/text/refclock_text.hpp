// SPDX-License-Identifier: GPL-2.0-or-later
// Why a reference clock gives nothing that counts. Used by explanation.cpp only.
#pragma once

#include <optional>

#include "daemon/core/engine/text/explanation.hpp"
#include "daemon/core/engine/values/reports.hpp"

namespace gnomon::engine {

// Its last reading did not count; nullopt: it did.
[[nodiscard]] std::optional<Explanation> explain_trouble(RefclockTrouble trouble);
// needed: samples that selection asks for.
[[nodiscard]] Explanation explain_missing_readings(const AssociationReport& report, double needed);

}  // namespace gnomon::engine
