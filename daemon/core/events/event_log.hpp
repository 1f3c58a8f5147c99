// SPDX-License-Identifier: GPL-2.0-or-later
// The messages that this process has written to its log, kept for `gnomonctl events`, and who waits for more
// of them. Owned by the program; for one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <span>
#include <utility>

#include "base/clock.hpp"
#include "base/os/log.hpp"
#include "daemon/core/events/event_ring.hpp"

namespace gnomon::core {

class EventLog final : public base::LogListener {
 public:
  // memory: see EventRing.
  EventLog(std::span<std::uint8_t> memory, const base::Clock& clock) : ring_(memory), clock_(clock) {}

  void on_written(base::Bytes fields) override {
    ring_.add(clock_.now(), fields);
    for (const auto& wake : followers_) wake();
  }
  [[nodiscard]] const EventRing& ring() const { return ring_; }
  [[nodiscard]] base::Now now() const { return clock_.now(); }

  // Is called after each event until the follower goes; must not write to the log.
  class Follower {
   public:
    Follower(EventLog& log, std::function<void()> wake)
        : log_(log), at_(log.followers_.insert(log.followers_.end(), std::move(wake))) {}
    ~Follower() { log_.followers_.erase(at_); }
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

   private:
    EventLog& log_;
    std::list<std::function<void()>>::iterator at_;
  };
  [[nodiscard]] std::size_t followers() const { return followers_.size(); }

 private:
  EventRing ring_;
  const base::Clock& clock_;
  std::list<std::function<void()>> followers_;
};

}  // namespace gnomon::core
