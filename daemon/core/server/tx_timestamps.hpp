// SPDX-License-Identifier: GPL-2.0-or-later
// Tells the memory of interleaved mode when the kernel saw answers leave. Owned by a server worker, as only
// its socket knows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/ntp_time.hpp"
#include "daemon/core/engine/serving/transmit_memory.hpp"
#include "daemon/core/engine/values/server_view.hpp"

namespace gnomon::core {

class TxTimestamps {
 public:
  // More than a few batches are never on their way.
  static constexpr std::size_t usual_room = 128;
  // `socket`: with timestamps of the kind receive_and_wished_transmit. `room`: for so many packets that await
  // theirs; one that is sent beyond that takes the place of the oldest.
  TxTimestamps(int socket, engine::TransmitMemory& memory, std::size_t room = usual_room)
      : socket_(socket), memory_(memory), awaited_(room) {}

  // The next packet with a requested transmit timestamp has been sent: the answer with that receive
  // timestamp.
  void sent(base::NtpTimestamp receive);
  // It could not be. Whether the kernel has counted it is not known, so the count restarts.
  void not_sent();
  // What the kernel has reported since, as the time that is `served`; how many transmit timestamps that were.
  [[nodiscard]] std::uint32_t collect(const engine::ServedTime& served);
  [[nodiscard]] bool awaits_any() const { return awaits_ > 0; }

 private:
  struct Awaited {
    std::uint32_t packet = 0;
    base::NtpTimestamp receive;  // zero: none
  };
  int socket_;
  engine::TransmitMemory& memory_;
  std::uint32_t next_ = 0;
  std::uint32_t awaits_ = 0;
  std::vector<Awaited> awaited_;  // by packet
};

}  // namespace gnomon::core
