// SPDX-License-Identifier: GPL-2.0-or-later
// The command watch: asks the daemon every second and draws what it says, until somebody has seen enough.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "ctl/report/ask.hpp"
#include "ctl/watch/cells.hpp"
#include "ctl/watch/model.hpp"

namespace gnomon::ctl {

struct WatchWish {
  bool once = false;  // one picture, and no terminal is needed
};

// Where a watch asks and what it draws on; in tests played.
struct WatchContext {
  AskDaemon ask;
  std::function<double()> now;  // seconds since 1970
  std::function<Canvas()> canvas;
  std::string host;
};

// Everything again. A daemon that does not answer is the model's trouble, and what was known stays. Throws
// ReplyFault.
void refresh(WatchModel& model, double history, const WatchContext& context);

// One picture as text.
[[nodiscard]] std::expected<std::string, std::string> watch_once(const WatchContext& context);
// On the terminal that standard output is, until the end. Throws ReplyFault.
void watch(const WatchContext& context);

// Whether a terminal shows more than ASCII, by these variables of the environment: the first that is not
// empty says, and a Linux console has no room for the characters.
[[nodiscard]] bool shows_unicode(const std::vector<std::string>& locales, const std::string& terminal);

}  // namespace gnomon::ctl
