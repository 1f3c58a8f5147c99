// SPDX-License-Identifier: GPL-2.0-or-later
// The last messages of the core in a bounded memory, each with a number and the time; the oldest make room.
// The memory may be that of an earlier process, whose messages stay. Owned by the event log; the memory by
// who made it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace gnomon::core {

struct StoredEvent {
  std::uint64_t sequence = 0;
  base::Now at;
  base::Bytes fields;  // as the journal gets them; valid until the next add()
};

class EventRing {
 public:
  // Who else will read the memory. Nobody: it need not say where the events in it are, which is as dear as
  // the events, in memory that no cache holds.
  enum class Reader : std::uint8_t { later_process, nobody_else };

  // memory: of zeros, or what an EventRing has left, of which nothing is believed that does not fit together.
  // Aligned to 8 octets. Too small for anything: nothing is kept.
  explicit EventRing(std::span<std::uint8_t> memory, Reader reader = Reader::later_process);

  // One that is larger than the memory gets a number and is not kept.
  void add(const base::Now& at, base::Bytes fields);
  // All up to this one are not needed any more; their memory is used again first.
  void forget(std::uint64_t sequence);
  // Numbers begin with 1 and go on over restarts. oldest() is next() while there are none.
  [[nodiscard]] std::uint64_t oldest() const { return next_ - kept_.size(); }
  [[nodiscard]] std::uint64_t next() const { return next_; }
  // nullopt: not kept (any more), or not yet there.
  [[nodiscard]] std::optional<StoredEvent> find(std::uint64_t sequence) const;

 private:
  struct Place {
    std::uint32_t offset;
    std::uint32_t field_size;
  };
  void adopt();
  [[nodiscard]] std::optional<Place> look(std::uint32_t offset, std::uint64_t sequence) const;
  [[nodiscard]] std::uint32_t after(const Place& place) const;
  void free(std::uint32_t begin, std::uint32_t end);
  void write_header();

  std::span<std::uint8_t> memory_;
  Reader reader_;
  std::deque<Place> kept_;  // the oldest first
  std::uint64_t next_ = 1;
  std::uint32_t head_;  // where the next one goes
};

}  // namespace gnomon::core
