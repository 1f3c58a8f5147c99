// SPDX-License-Identifier: GPL-2.0-or-later
// Why a source has given no measurements, or not enough of them: the first thing on the way to one that did
// not work. Used by explanation.cpp only.
#pragma once

#include "daemon/core/engine/text/explanation.hpp"

namespace gnomon::engine {

// needed: samples that selection asks for. others_agree: on a time, so that the network does not lead
// everybody to one place.
[[nodiscard]] Explanation explain_missing_samples(const AssociationReport& report, double needed,
                                                  bool others_agree);

// The system refuses to send our requests. what: a clause to which the reason is added.
[[nodiscard]] Explanation explain_not_sent(const AssociationReport& report, std::string_view what);

// It says so of itself.
[[nodiscard]] Explanation explain_unsynchronised(const AssociationReport& report);

}  // namespace gnomon::engine
