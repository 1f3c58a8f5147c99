// SPDX-License-Identifier: GPL-2.0-or-later
// One picture of `watch`: lines for a terminal of any size. Stateless.
#pragma once

#include <string>
#include <vector>

#include "ctl/watch/cells.hpp"
#include "ctl/watch/model.hpp"

namespace gnomon::ctl {

struct FrameLook {
  double span = 600;     // seconds that the curves show
  bool has_keys = true;  // somebody may press them
  std::string host{};
};

// At most as many lines as the canvas is high, the last one is the footer.
[[nodiscard]] std::vector<Line> frame(const WatchModel& model, const FrameLook& look, const Canvas& canvas);

}  // namespace gnomon::ctl
