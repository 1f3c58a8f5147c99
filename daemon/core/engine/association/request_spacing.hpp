// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps the requests to different sources apart from each other, since packets that leave together queue
// behind each other and their answers arrive together: each measures the others. Owned by whoever owns the
// associations.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "base/time.hpp"

namespace gnomon::engine {

class RequestSpacing {
 public:
  // one_shot: the answers are wanted soon, so that the requests stand closer.
  explicit RequestSpacing(bool one_shot = false) : one_shot_(one_shot) {}

  // Among how many sources the time is divided.
  void set_sources(std::size_t count) { sources_ = count; }
  // Something else leaves `now`, the reply to a command: what comes due next keeps its distance from that,
  // too, and is late by no more than that.
  void other_left(base::MonoTime now) { last_ = std::max(last_.value_or(now), now); }
  // A request is due `now`, and its source is asked about every `interval`: when it may leave. Now, if none
  // has left lately; else after those that were due before it.
  [[nodiscard]] base::MonoTime reserve(base::MonoTime now, base::Duration interval);

 private:
  [[nodiscard]] base::Duration distance(base::Duration interval) const;

  bool one_shot_;
  std::size_t sources_ = 1;
  std::optional<base::MonoTime> last_{};  // when the last one may leave
};

// When the next request of one source may leave: when it is due, or a little later for the sake of others.
// Owned by its association.
class RequestSlot {
 public:
  // It outlives the slot. Without one, requests leave as soon as they are due.
  void share(RequestSpacing& spacing) { spacing_ = &spacing; }
  // For a request that is due at `due`, of a source asked about every `interval`.
  [[nodiscard]] base::MonoTime opens_at(base::MonoTime due, base::MonoTime now, base::Duration interval);
  // The request has left.
  void used() { reserved_.reset(); }

 private:
  RequestSpacing* spacing_ = nullptr;
  std::optional<base::MonoTime> reserved_{};
};

}  // namespace gnomon::engine
