// SPDX-License-Identifier: GPL-2.0-or-later
// A datagram of chrony's SOCK protocol, as gpsd and others send it. In the byte order of the machine, each
// field aligned to its size:
//   struct timeval time (system clock); double offset; int pulse; int leap; int padding; int magic
#pragma once

#include <cstdint>
#include <expected>

#include "base/bytes.hpp"
#include "ipc/refclock_messages.hpp"

namespace gnomon::refclock {

inline constexpr std::size_t sock_sample_size = 40;     // with a timeval of 64 bits
inline constexpr std::size_t sock_sample_size_32 = 32;  // of 32 bits
inline constexpr std::int32_t sock_magic = 0x534f434b;  // "SOCK"

enum class SockFault : std::uint8_t { size, magic, time, offset };

[[nodiscard]] std::expected<ipc::RefclockReading, SockFault> parse_sock_sample(base::Bytes datagram);

}  // namespace gnomon::refclock
