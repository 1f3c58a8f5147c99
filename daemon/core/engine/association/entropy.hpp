// SPDX-License-Identifier: GPL-2.0-or-later
// The random octets of one step, and which of them are used for what, so that no two uses share any.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ntp_time.hpp"
#include "protocol/nts/protection.hpp"

namespace gnomon::engine {

// From the operating system's generator, fresh for each step.
using StepEntropy = std::array<std::uint8_t, 96>;

namespace entropy_detail {
inline std::uint64_t number(const StepEntropy& entropy, std::size_t offset, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = (value << 8U) | entropy[offset + i];
  return value;
}
inline double fraction(const StepEntropy& entropy, std::size_t offset) {
  return static_cast<double>(number(entropy, offset, 4)) / 4294967296.0;
}
}  // namespace entropy_detail

// Never zero, which would mean "unknown" to the server.
inline base::NtpTimestamp transmit_of(const StepEntropy& entropy) {
  return {std::max<std::uint64_t>(entropy_detail::number(entropy, 0, 8), 1)};
}
inline protocol::UniqueIdentifier identifier_of(const StepEntropy& entropy) {
  protocol::UniqueIdentifier id{};
  std::copy_n(entropy.begin() + 8, id.size(), id.begin());
  return id;
}
inline protocol::NonceEntropy nonce_of(const StepEntropy& entropy) {
  protocol::NonceEntropy nonce{};
  std::copy_n(entropy.begin() + 40, nonce.size(), nonce.begin());
  return nonce;
}
// Of an interleaved request: never equal to transmit_of(), from which it must be told apart.
inline base::NtpTimestamp receive_of(const StepEntropy& entropy) {
  const std::uint64_t value = std::max<std::uint64_t>(entropy_detail::number(entropy, 64, 8), 1);
  return {value == transmit_of(entropy).value ? ~value : value};
}
// 0 <= x < 1 each, independent of each other.
inline double wander_of(const StepEntropy& entropy) {
  return entropy_detail::fraction(entropy, 56);
}
inline double jitter_of(const StepEntropy& entropy) {
  return entropy_detail::fraction(entropy, 60);
}
// Which of several addresses, modulo their number.
inline std::size_t choice_of(const StepEntropy& entropy) {
  return entropy.back();
}

}  // namespace gnomon::engine
