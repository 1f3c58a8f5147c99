// SPDX-License-Identifier: GPL-2.0-or-later
// The methods of the control interface: one row each with the right it needs. A function from a call to its
// reply; the connection sends it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/core/control/message.hpp"
#include "daemon/core/control/reply_memory.hpp"
#include "daemon/core/control/reporter.hpp"

namespace gnomon::core::control {

enum class Right : std::uint8_t { observe, operate };

enum class AfterReply : std::uint8_t {
  go_on,
  close,     // what came was not varlink, or pointless
  shut_down  // then the daemon is to end
};
struct Answer {
  std::string text;  // NUL included; empty: nothing is to be sent
  AfterReply then = AfterReply::go_on;
  bool refused = false;  // counts as a drop
};

// One message as it came, without its NUL. memory: null, every report is built afresh.
[[nodiscard]] Answer answer(std::string_view message, Right right, Reporter& reporter,
                            ReplyMemory* memory = nullptr);

}  // namespace gnomon::core::control
