// SPDX-License-Identifier: GPL-2.0-or-later
// From the octets of a request to those of its reply: rights, dispatch, and the rule that no reply is longer
// than its request. No socket here.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "daemon/core/cmdmon/command.hpp"
#include "daemon/core/cmdmon/open_commands.hpp"

namespace gnomon::core::cmdmon {

enum class Right : std::uint8_t {
  open_commands,  // the reports that `opencommands` names
  everything
};

struct Answer {
  base::Buffer reply;      // empty: nothing is sent
  bool shut_down = false;  // once that is sent
};
// The header is the datagram's own.
[[nodiscard]] Answer answer(const wire::Header& header, base::Bytes datagram, Right right,
                            const OpenCommands& open, Services& services);

}  // namespace gnomon::core::cmdmon
