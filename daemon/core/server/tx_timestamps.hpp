// SPDX-License-Identifier: GPL-2.0-or-later
// Tells the memory of interleaved mode when the kernel saw answers leave. Owned by a server worker, as only
// its socket knows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/ntp_time.hpp"
#include "base/os/timestamps.hpp"
#include "daemon/core/engine/serving/transmit_memory.hpp"
#include "daemon/core/engine/values/nic_table.hpp"
#include "daemon/core/engine/values/server_view.hpp"

namespace gnomon::core {

class TxTimestamps {
 public:
  // More than a few batches are never on their way.
  static constexpr std::size_t usual_room = 128;
  // `socket`: with timestamps of the kind receive_and_wished_transmit. `room`: for so many packets that await
  // theirs; one that is sent beyond that takes the place of the oldest.
  // `hardware`: network cards timestamp as well.
  TxTimestamps(int socket, engine::TransmitMemory& memory, std::size_t room = usual_room,
               base::Hardware hardware = base::Hardware::no)
      : socket_(socket), memory_(memory), hardware_(hardware), awaited_(room) {}

  // The next packet with a requested transmit timestamp has been sent: the answer with that receive
  // timestamp.
  void sent(base::NtpTimestamp receive);
  // It could not be. Whether the kernel has counted it is not known, so the count restarts.
  void not_sent();
  struct Counts {
    std::uint32_t kernel = 0;
    std::uint32_t hardware = 0;
  };
  // What has been reported since, as the time that is `served`; how many answers have transmit timestamps
  // now. An answer whose card reports after the kernel counts for both.
  [[nodiscard]] Counts collect(const engine::ServedTime& served, const engine::NicTable* nics = nullptr);
  [[nodiscard]] bool awaits_any() const { return awaits_ > 0; }

 private:
  struct Awaited {
    std::uint32_t packet = 0;
    base::NtpTimestamp receive;  // zero: none
    bool by_kernel = false;      // the card's may still come
    base::RealTime at;           // then
  };
  int socket_;
  engine::TransmitMemory& memory_;
  base::Hardware hardware_;
  std::uint32_t next_ = 0;
  std::uint32_t awaits_ = 0;
  std::vector<Awaited> awaited_;  // by packet
};

}  // namespace gnomon::core
