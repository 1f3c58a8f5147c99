// SPDX-License-Identifier: GPL-2.0-or-later
// Amounts of time in sentences, in the unit that suits them. Stateless.
#pragma once

#include <string>

#include "base/time.hpp"

namespace gnomon::engine {

// "250 us", "1.5 ms", "10.00 years", without the sign.
[[nodiscard]] std::string amount(base::Seconds value);
// "+1.5 ms", "-12 ns".
[[nodiscard]] std::string signed_amount(base::Seconds value);
// Whole units: "12 s", "5 min", "3 h", "4 days".
[[nodiscard]] std::string age_text(base::Duration age);

}  // namespace gnomon::engine
