// SPDX-License-Identifier: GPL-2.0-or-later
// When each answer of a group will leave, told before the answer is made: the time goes into it, and with NTS
// is sealed there. Learns from the groups before what answers take to make and to send
// (docs/decisions/0057). Owned by a server worker.
#pragma once

#include "base/time.hpp"

namespace gnomon::core {

// What something takes each time, followed from below: less is believed at once, more slowly, so that little
// is foretold to take longer than it does.
class LeastCost {
 public:
  void learn(base::Seconds seen);
  [[nodiscard]] base::Seconds value() const { return value_; }

 private:
  base::Seconds value_{};
};

// Requests that are answered together.
struct RequestGroup {
  unsigned plain = 0;   // of a header alone
  unsigned longer = 0;  // with more to be done: NTS, mostly
};

class TransmitForecast {
 public:
  // Their answers will be made from `now` on, and then sent.
  void begin(const base::Now& now, const RequestGroup& requests);
  // The transmit timestamp of an answer that is sent after `earlier` others of the group.
  [[nodiscard]] base::RealTime transmit(unsigned earlier) const {
    return first_ + base::Duration{static_cast<base::Duration::rep>(step_ * earlier)};
  }
  // All were made by then.
  void made(const base::Now& now);
  // Whether what is sent now would leave before the time that it tells.
  [[nodiscard]] bool is_early(const base::Now& now) const;
  // So many answers were sent from `begin` to `end`.
  void sent(const base::Now& begin, const base::Now& end, unsigned answers);

 private:
  LeastCost plain_;   // to make an answer
  LeastCost longer_;  // likewise
  LeastCost send_;    // to send one
  // Of this group:
  RequestGroup requests_;
  base::Now begin_;
  base::Duration making_{};
  base::RealTime first_;  // transmit timestamp
  double step_ = 0;       // from one to the next, ns
};

}  // namespace gnomon::core
