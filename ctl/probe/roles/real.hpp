// SPDX-License-Identifier: GPL-2.0-or-later
// A survey of the real world: helpers as processes, real clocks, a limit of time, and the user's Ctrl-C.
#pragma once

#include <functional>
#include <string>

#include "ctl/probe/survey.hpp"

namespace gnomon::ctl::probe {

struct Programs {
  std::string ntske;
  std::string resolve;
  std::string probe;
};

struct Listener {
  std::function<void(std::string_view what)> begin;
  std::function<void(const Finding& finding)> tell;
};

// Until it is complete, or `options.timeout` is over, or SIGINT or SIGTERM comes.
[[nodiscard]] Survey survey_for_real(const Options& options, const Programs& programs,
                                     const Listener& listener);

}  // namespace gnomon::ctl::probe
