// SPDX-License-Identifier: GPL-2.0-or-later
// Why a source has given no measurements, or not enough of them: the first thing on the way to one that did
// not work. Used by explanation.cpp only.
#pragma once

#include "daemon/core/engine/text/explanation.hpp"

namespace gnomon::engine {

// needed: samples that selection asks for.
[[nodiscard]] Explanation explain_missing_samples(const AssociationReport& report, double needed);

// It says so of itself.
[[nodiscard]] Explanation explain_unsynchronised(const AssociationReport& report);

}  // namespace gnomon::engine
