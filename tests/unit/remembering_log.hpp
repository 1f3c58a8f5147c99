// SPDX-License-Identifier: GPL-2.0-or-later
// A log that keeps what it is told.
#pragma once

#include <string>
#include <vector>

#include "base/log.hpp"

namespace gnomon::testing {

class RememberingLog final : public base::Log {
 public:
  void take(const base::LogMessage& message) override {
    lines.emplace_back(message.text);
    events.push_back(message.event);
  }
  [[nodiscard]] bool says(const std::string& part) const {
    for (const auto& line : lines)
      if (line.find(part) != std::string::npos) return true;
    return false;
  }
  std::vector<std::string> lines;
  std::vector<base::LogEvent> events;
};

}  // namespace gnomon::testing
