// SPDX-License-Identifier: GPL-2.0-or-later
// When answers to interleaving clients left, found again by the receive timestamp that each of them gave
// (RFC 9769 section 2). Owned by the NTP server, shared by its workers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "base/ntp_time.hpp"
#include "base/time.hpp"

namespace gnomon::engine {

class TransmitMemory {
 public:
  static constexpr std::size_t octets_per_answer = 16;

  // `answers`: how many are remembered; the oldest of a bucket of the table is replaced.
  explicit TransmitMemory(std::size_t answers);

  struct Turn {
    base::NtpTimestamp receive;                  // to be given in the answer: no other one has it
    std::optional<base::NtpTimestamp> previous;  // when the answer with receive timestamp `origin` left
  };
  // A request that asks for `origin`, arrived at `receive`, is answered at about `transmit`.
  [[nodiscard]] Turn take_turn(base::NtpTimestamp origin, base::NtpTimestamp receive,
                               base::NtpTimestamp transmit);
  // The answer with that receive timestamp left just then, as the kernel saw it.
  void departed(base::NtpTimestamp receive, base::NtpTimestamp transmit);
  // Our clock was set: what it showed before is of no use to anybody.
  void clear();

  struct Extent {
    std::uint64_t answers = 0;
    base::Seconds span{};  // from the oldest to the newest
  };
  [[nodiscard]] Extent extent() const;

 private:
  struct Slot {
    base::NtpTimestamp receive;  // zero: empty
    base::NtpTimestamp transmit;
  };
  static_assert(sizeof(Slot) == octets_per_answer);
  struct Free {
    void operator()(Slot* memory) const;
  };
  [[nodiscard]] Slot* find(base::NtpTimestamp receive);
  [[nodiscard]] std::size_t bucket_of(base::NtpTimestamp receive) const;

  mutable std::mutex mutex_;  // of slots_, held for a few comparisons; by extent() for a piece at a time
  std::unique_ptr<Slot[], Free> memory_;
  std::span<Slot> slots_;
};

}  // namespace gnomon::engine
