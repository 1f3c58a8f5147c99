// SPDX-License-Identifier: GPL-2.0-or-later
// `opencommands`: the reports that those may have who may change nothing.
#pragma once

#include <set>
#include <span>
#include <string>

#include "protocol/cmdmon/codes.hpp"

namespace gnomon::core::cmdmon {

class OpenCommands {
 public:
  OpenCommands() = default;  // none
  // Names as in the configuration; an unknown one opens nothing.
  explicit OpenCommands(std::span<const std::string> names);
  [[nodiscard]] bool has(protocol::cmdmon::Code code) const { return codes_.contains(code); }

 private:
  std::set<protocol::cmdmon::Code> codes_;
};

}  // namespace gnomon::core::cmdmon
