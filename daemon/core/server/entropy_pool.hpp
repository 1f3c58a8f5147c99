// SPDX-License-Identifier: GPL-2.0-or-later
// Random octets for answers, fetched from the kernel in large pieces: a system call per packet would cost
// more than the packet. One per worker; octets are wiped once they have been handed out.
#pragma once

#include <algorithm>
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
  ~EntropyPool() { base::wipe(octets_); }

  // What the next answer may use; the same until the first of it are consumed.
  [[nodiscard]] engine::EntropyView next() const { return std::span{octets_}.subspan(used_).first<each>(); }
  void consume(std::size_t octets) {
    if (octets == 0) return;
    base::wipe(base::MutableBytes{octets_}.subspan(used_, octets));
    used_ += octets;
    if (used_ + each > octets_.size()) refill();
  }
  // While nobody waits: to refill takes as long as some answers.
  void refill_in_time() {
    if (used_ > octets_.size() * 3 / 4) refill();
  }

 private:
  static constexpr std::size_t each = engine::EntropyView::extent;
  // What is left goes first.
  void refill() {
    const auto left = base::Bytes{octets_}.subspan(used_);
    std::ranges::copy(left, octets_.begin());
    base::fill_random(base::MutableBytes{octets_}.subspan(left.size()));
    used_ = 0;
  }

  std::array<std::uint8_t, 32 * each> octets_{};
  std::size_t used_ = octets_.size();
};

}  // namespace gnomon::core
