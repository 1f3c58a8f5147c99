// SPDX-License-Identifier: GPL-2.0-or-later
// A ring that others wait for: what is kept for who asks, and who is told when there is more. Owned by the
// program; for one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <span>
#include <utility>

#include "base/clock.hpp"
#include "daemon/core/events/event_ring.hpp"

namespace gnomon::core {

class KeptLog {
  struct Entry {
    std::function<void()> wake;
    bool waits = true;
  };

 public:
  // memory, reader: see EventRing.
  KeptLog(std::span<std::uint8_t> memory, const base::Clock& clock,
          EventRing::Reader reader = EventRing::Reader::later_process)
      : ring_(memory, reader), clock_(clock) {}

  void add(base::Bytes fields) { add(clock_.now(), fields); }
  void add(const base::Now& at, base::Bytes fields) {
    ring_.add(at, fields);
    for (const auto& follower : followers_)
      if (follower.waits) follower.wake();
  }
  // See EventRing.
  void forget(std::uint64_t sequence) { ring_.forget(sequence); }
  [[nodiscard]] const EventRing& ring() const { return ring_; }
  [[nodiscard]] base::Now now() const { return clock_.now(); }

  // Is called after each addition while it waits, until the follower goes; must not add anything itself.
  class Follower {
   public:
    Follower(KeptLog& log, std::function<void()> wake)
        : log_(log), at_(log.followers_.insert(log.followers_.end(), Entry{std::move(wake)})) {}
    ~Follower() { log_.followers_.erase(at_); }
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;
    // At first it does.
    void set_waits(bool waits) { at_->waits = waits; }

   private:
    KeptLog& log_;
    std::list<Entry>::iterator at_;
  };
  [[nodiscard]] std::size_t followers() const { return followers_.size(); }

 private:
  EventRing ring_;
  const base::Clock& clock_;
  std::list<Entry> followers_;
};

}  // namespace gnomon::core
