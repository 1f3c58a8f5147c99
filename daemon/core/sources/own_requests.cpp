// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/own_requests.hpp"

namespace gnomon::core {

namespace {

// In the header of NTP, RFC 5905 section 7.3.
constexpr std::size_t receive_at = 32;
constexpr std::size_t transmit_at = 40;

std::uint64_t timestamp(base::Bytes packet, std::size_t at) {
  constexpr std::size_t size = 8;
  if (packet.size() < at + size) return 0;
  return base::ByteReader{packet.subspan(at, size)}.read<std::uint64_t>().value_or(0);
}

}  // namespace

void OwnRequests::asked(base::Bytes request) {
  const auto transmit = timestamp(request, transmit_at);
  auto& slot = slots_.at(transmit % slot_count);
  slot.receive.store(0, std::memory_order_relaxed);
  slot.transmit.store(transmit, std::memory_order_release);
}

bool OwnRequests::may_answer(base::Bytes request, base::Bytes answer) {
  const auto transmit = timestamp(request, transmit_at);
  auto& slot = slots_.at(transmit % slot_count);
  if (transmit == 0 || slot.transmit.load(std::memory_order_acquire) != transmit) return true;
  std::uint64_t none = 0;
  return slot.receive.compare_exchange_strong(none, timestamp(answer, receive_at), std::memory_order_release);
}

bool OwnRequests::answered_by_us(base::Bytes request, base::Bytes answer) const {
  const auto transmit = timestamp(request, transmit_at);
  const auto& slot = slots_.at(transmit % slot_count);
  const auto receive = timestamp(answer, receive_at);
  return receive != 0 && slot.transmit.load(std::memory_order_relaxed) == transmit &&
         slot.receive.load(std::memory_order_acquire) == receive;
}

}  // namespace gnomon::core
