// SPDX-License-Identifier: GPL-2.0-or-later
// Recognises the answers of our own server to our own requests, whatever path they took: through NAT, a
// relay, a service address of several machines, NTS or not. Owned by the NTP server; the sources' thread and
// its workers use it at the same time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/bytes.hpp"

namespace gnomon::core {

// A request's transmit timestamp is 64 random bits. When our server gets the same, it either has
// our request before it or someone's copy of it, so it notes the receive timestamp it gives; only the
// answer to our request that has it too is ours. Nobody can make a server look like us by repeating
// requests to us. Nor can anybody make us look like another server, one whose keys we serve with, too: there
// is one answer of ours to each request, and that one is known.
class OwnRequests {
 public:
  // The sources' thread: this request leaves now.
  void asked(base::Bytes request);
  // Whether `answer`, the answer to that request, is from our own server.
  [[nodiscard]] bool answered_by_us(base::Bytes request, base::Bytes answer) const;
  // A worker, before that answer leaves; false: it must not, as another one has. Costs one comparison for
  // everyone else's requests.
  [[nodiscard]] bool may_answer(base::Bytes request, base::Bytes answer);

 private:
  // Found by the random bits themselves. Two requests in one slot: the older one is forgotten, the next
  // poll will find what it did not.
  struct Slot {
    std::atomic<std::uint64_t> transmit{0};
    std::atomic<std::uint64_t> receive{0};  // 0: our server has not been asked
  };
  static constexpr std::size_t slot_count = 1024;

  std::array<Slot, slot_count> slots_{};
};

}  // namespace gnomon::core
