// SPDX-License-Identifier: GPL-2.0-or-later
// What a recording begins with, for the method Record. A value.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "daemon/core/events/kept_log.hpp"

namespace gnomon::core::control {

struct Recording {
  std::span<const std::string> forms;  // of the lines (base/raw_text.hpp); they stay where they are
  std::vector<std::string> lines;      // the first ones: format, configuration, state
  KeptLog* log = nullptr;              // of those that follow
  std::shared_ptr<const void> reader;  // the recording is over when nobody has this any more
};

}  // namespace gnomon::core::control
