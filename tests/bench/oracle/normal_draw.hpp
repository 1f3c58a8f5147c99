// SPDX-License-Identifier: GPL-2.0-or-later
// Draws from a normal distribution cut off on both sides. Stateless.
#pragma once

namespace gnomon::bench {

struct CutDraw {
  double value = 0;
  double mass = 0;  // of the distribution between the two limits
};

// `uniform`: a draw from 0 to 1.
[[nodiscard]] CutDraw draw_between(double low, double high, double mean, double deviation, double uniform);

}  // namespace gnomon::bench
