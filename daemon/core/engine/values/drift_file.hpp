// SPDX-License-Identifier: GPL-2.0-or-later
// chrony's driftfile text: "<frequency ppm> <skew ppm>" on one line. Ours has a third word, which says what
// the sign means; chrony leaves it unread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/units.hpp"

namespace gnomon::engine {

struct DriftFile {
  base::Ppm frequency;  // as chrony writes it: positive, the free-running clock gains time
  base::Ppm skew;
  // What the clock has to run at to keep the time, s/s.
  [[nodiscard]] double rate() const { return -frequency.ratio(); }
};

struct DriftText {
  DriftFile drift{};    // as written
  bool marked = false;  // by us
};

[[nodiscard]] std::string to_text(const DriftFile& drift);
// nullopt: not two numbers and the mark or nothing, or out of range (+-100000 ppm, skew above 0).
[[nodiscard]] std::optional<DriftText> parse_drift(std::string_view text);

}  // namespace gnomon::engine
