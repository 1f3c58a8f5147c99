// SPDX-License-Identifier: GPL-2.0-or-later
// The interval that most sources agree on (Marzullo's algorithm as RFC 5905 A.5.5.1 refines it). Stateless.
#pragma once

#include <optional>
#include <span>

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

// nullopt: no majority, of the trusted ones where there are any, of all otherwise.
[[nodiscard]] std::optional<Agreement> agree(std::span<const Interval> intervals);

}  // namespace gnomon::engine
