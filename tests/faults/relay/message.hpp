// SPDX-License-Identifier: GPL-2.0-or-later
// One message between two roles, with the descriptor that comes along.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/os/fd.hpp"

namespace gnomon::faults {

struct Message {
  std::vector<std::uint8_t> octets;
  base::Fd descriptor;
};

// Nothing: the sender's end is closed.
[[nodiscard]] std::optional<Message> take(int channel);
// Whether it went out; a receiver that is gone is no news.
bool put(int channel, const Message& message);

}  // namespace gnomon::faults
