// SPDX-License-Identifier: GPL-2.0-or-later
// What distinguishes interleaved mode from basic mode in the header (RFC 9769 section 2): an interleaved
// answer has the exact transmit time of the answer before it. No state: the caller remembers what it needs.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/ntp/packet.hpp"

namespace gnomon::protocol {

enum class AnswerMode : std::uint8_t {
  basic,       // transmit: when this answer was about to leave
  interleaved  // transmit: when the previous answer, whose receive timestamp was the request's origin, left
};

// --- client
// nullopt: the answer is not one to this request.
[[nodiscard]] constexpr std::optional<AnswerMode> mode_of_answer(const Header& request,
                                                                 const Header& answer) {
  if (answer.origin.is_zero()) return std::nullopt;
  if (answer.origin == request.transmit) return AnswerMode::basic;
  if (answer.origin == request.receive && !request.origin.is_zero()) return AnswerMode::interleaved;
  return std::nullopt;
}

// --- server
// Whether an interleaved answer is welcome, should the origin be a receive timestamp that is remembered. The
// requests of older clients, which fill all timestamps, look like that as well.
[[nodiscard]] constexpr bool may_interleave(const Header& request) {
  return !request.origin.is_zero() && !request.receive.is_zero() && request.receive != request.transmit;
}

// Makes a basic answer an interleaved one.
constexpr void interleave(Header& answer, const Header& request, base::NtpTimestamp previous_transmit) {
  answer.origin = request.receive;
  answer.transmit = previous_transmit;
}

}  // namespace gnomon::protocol
