// SPDX-License-Identifier: GPL-2.0-or-later
// Random octets for answers, fetched from the kernel in large pieces: a system call per packet would cost
// more than the packet. One per worker; octets are wiped once they have been handed out.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/os/random.hpp"
#include "base/secret.hpp"
#include "daemon/core/engine/serving/responder.hpp"

namespace gnomon::core {

class EntropyPool {
 public:
  EntropyPool() { refill(); }
  EntropyPool(const EntropyPool&) = delete;
  EntropyPool& operator=(const EntropyPool&) = delete;
  ~EntropyPool() { base::wipe(octets()); }

  // What the next answer may use; the same until consume() is called.
  [[nodiscard]] const engine::AnswerEntropy& next() const { return pieces_.at(used_); }
  void consume() {
    base::wipe(pieces_.at(used_));
    if (++used_ == pieces_.size()) refill();
  }

 private:
  using Pieces = std::array<engine::AnswerEntropy, 32>;
  // Of all pieces: a pointer into the first would reach no further than that.
  [[nodiscard]] base::MutableBytes octets() {
    return {reinterpret_cast<std::uint8_t*>(&pieces_), sizeof(Pieces)};
  }
  void refill() {
    base::fill_random(octets());
    used_ = 0;
  }

  Pieces pieces_{};
  std::size_t used_ = 0;
};

}  // namespace gnomon::core
