// SPDX-License-Identifier: GPL-2.0-or-later
// Core and launcher, on a channel of its own: requests of chrony's control protocol that came to the Unix
// socket, which is the launcher's. One at a time: the next comes after the reply to this one.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "ipc/frame.hpp"

namespace gnomon::ipc {

// No request of the protocol is longer, and no reply longer than its request.
inline constexpr std::size_t longest_command = 860;

struct CommandRequest {  // launcher -> core
  static constexpr auto type = MessageType::command_request;
  std::uint32_t user = 0;  // who sent it, as the kernel says
  base::Buffer octets;     // at most longest_command, as they came
};
struct CommandReply {  // core -> launcher, to every request, with its id
  static constexpr auto type = MessageType::command_reply;
  base::Buffer octets;  // not more than the request had; none: it is not answered
};

}  // namespace gnomon::ipc
