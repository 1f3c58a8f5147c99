// SPDX-License-Identifier: GPL-2.0-or-later
// What `broadcast` sends (RFC 5905 mode 5): our clock, unasked. Nothing can be measured with it but a time
// that is late by the way.
#pragma once

#include <array>
#include <cstdint>

#include "base/time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/values/server_view.hpp"
#include "protocol/ntp/packet.hpp"

namespace gnomon::engine {

using BroadcastPacket = std::array<std::uint8_t, protocol::header_size>;

// now: the moment of sending, by our clock. interval: between two of them, above 0; told as the next
// exponent.
[[nodiscard]] BroadcastPacket broadcast_packet(const ServerView& view, base::RealTime now,
                                               base::Seconds interval);

}  // namespace gnomon::engine
