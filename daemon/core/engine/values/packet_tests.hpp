// SPDX-License-Identifier: GPL-2.0-or-later
// The tests that an answer must pass (RFC 5905 sections 8 and 13, A.5).
#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace gnomon::engine {

// chrony's ten tests, one bit each. An answer that fails one of the first two, or is not authentic, is not
// even looked at: what is measured has passed these.
namespace packet_test {
inline constexpr std::uint16_t not_duplicate = 1U << 9U;    // 1
inline constexpr std::uint16_t origin_matches = 1U << 8U;   // 2
inline constexpr std::uint16_t timestamps = 1U << 7U;       // 3: set, and in an order that clocks can give
inline constexpr std::uint16_t authentic = 1U << 6U;        // 5
inline constexpr std::uint16_t synchronised = 1U << 5U;     // 6
inline constexpr std::uint16_t root_distance = 1U << 4U;    // 7
inline constexpr std::uint16_t delay_limit = 1U << 3U;      // A
inline constexpr std::uint16_t delay_ratio = 1U << 2U;      // B
inline constexpr std::uint16_t delay_deviation = 1U << 1U;  // C
inline constexpr std::uint16_t no_loop = 1U << 0U;          // D
inline constexpr std::uint16_t valid = not_duplicate | origin_matches | timestamps | authentic;
inline constexpr std::uint16_t fit = valid | synchronised | root_distance;  // the source is reachable
inline constexpr std::uint16_t all = 0x3ff;
}  // namespace packet_test

// Of a server, from the request to its answer: beyond that its clock may have been set meanwhile (test A).
inline constexpr base::Seconds longest_response_time{4};

}  // namespace gnomon::engine
