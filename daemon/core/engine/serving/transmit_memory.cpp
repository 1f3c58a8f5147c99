// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/serving/transmit_memory.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <span>

namespace gnomon::engine {

namespace {

constexpr std::size_t slots_each = 4;  // that an answer may be in

}  // namespace

void TransmitMemory::Free::operator()(Slot* memory) const {
  std::free(memory);  // NOLINT: from calloc
}

// calloc: where nobody interleaves it costs no memory.
TransmitMemory::TransmitMemory(std::size_t answers) {
  const auto count = std::max<std::size_t>((answers + slots_each - 1) / slots_each, 1) * slots_each;
  memory_.reset(static_cast<Slot*>(std::calloc(count, sizeof(Slot))));  // NOLINT: see above
  if (!memory_) throw std::bad_alloc{};
  slots_ = {memory_.get(), count};
}

// Nobody but our clock chooses these numbers, so that spreading them is all that is needed.
std::size_t TransmitMemory::bucket_of(base::NtpTimestamp receive) const {
  const std::uint64_t spread = receive.value * 0x9e3779b97f4a7c15U;
  return static_cast<std::size_t>((spread >> 32U) % (slots_.size() / slots_each)) * slots_each;
}

TransmitMemory::Slot* TransmitMemory::find(base::NtpTimestamp receive) {
  const auto bucket = slots_.subspan(bucket_of(receive), slots_each);
  const auto found = std::ranges::find(bucket, receive, &Slot::receive);
  return found == bucket.end() ? nullptr : &*found;
}

TransmitMemory::Turn TransmitMemory::take_turn(base::NtpTimestamp origin, base::NtpTimestamp receive,
                                               base::NtpTimestamp transmit) {
  const std::lock_guard lock{mutex_};
  Turn turn{receive, {}};
  if (const Slot* before = find(origin)) turn.previous = before->transmit;
  while (turn.receive.is_zero() || find(turn.receive) != nullptr) ++turn.receive.value;
  const auto bucket = slots_.subspan(bucket_of(turn.receive), slots_each);
  const auto age = [&turn](const Slot& slot) {
    return slot.receive.is_zero() ? base::NtpDuration{INT64_MAX} : turn.receive - slot.receive;
  };
  const bool backwards = (transmit - turn.receive).value < 0;
  *std::ranges::max_element(bucket, {}, age) = {turn.receive, backwards ? turn.receive : transmit};
  return turn;
}

void TransmitMemory::departed(base::NtpTimestamp receive, base::NtpTimestamp transmit) {
  const std::lock_guard lock{mutex_};
  Slot* slot = find(receive);
  if (slot != nullptr && (transmit - receive).value >= 0) slot->transmit = transmit;
}

void TransmitMemory::clear() {
  const std::lock_guard lock{mutex_};
  std::ranges::fill(slots_, Slot{});
}

// Piece by piece: the workers wait for a few microseconds each time, never for the whole of a large memory.
TransmitMemory::Extent TransmitMemory::extent() const {
  constexpr std::size_t piece = 1024;
  Extent extent;
  base::NtpTimestamp first;
  base::NtpTimestamp last;
  for (std::size_t begin = 0; begin < slots_.size(); begin += piece) {
    const std::lock_guard lock{mutex_};
    for (const auto& slot : slots_.subspan(begin, std::min(piece, slots_.size() - begin))) {
      if (slot.receive.is_zero()) continue;
      if (extent.answers++ == 0) first = last = slot.receive;
      if ((slot.receive - first).value < 0) first = slot.receive;
      if ((slot.receive - last).value > 0) last = slot.receive;
    }
  }
  extent.span = (last - first).seconds();
  return extent;
}

}  // namespace gnomon::engine
