// SPDX-License-Identifier: GPL-2.0-or-later
// The interval that most sources agree on (Marzullo's algorithm as RFC 5905 A.5.5.1 refines it). Stateless.
#pragma once

#include <cstddef>
#include <expected>
#include <span>

#include "daemon/core/engine/values/verdict.hpp"

namespace gnomon::engine {

struct Interval {
  double low = 0;
  double high = 0;
  bool trusted = false;  // agreement of trusted ones counts before any number of others
};

struct Agreement {
  double low = 0;
  double high = 0;
  bool by_trusted = false;
};

[[nodiscard]] std::expected<Agreement, Disagreement> agree(std::span<const Interval> intervals);

}  // namespace gnomon::engine
