// SPDX-License-Identifier: GPL-2.0-or-later
// A PHC compared with the system clock from time to time, so that its timestamps of pulses can be told in the
// time of the system clock. Owned by the driver of `extpps`.
#pragma once

#include <deque>
#include <optional>

#include "base/os/phc.hpp"

namespace gnomon::refclock {

class PhcTrack {
 public:
  void add(const base::PhcOffset& offset);
  // The system clock when the PHC showed `phc`; nullopt: it is not known, as they were not compared within a
  // few seconds of it.
  [[nodiscard]] std::optional<base::RealTime> system_at(base::Duration phc) const;
  // Bound on the error of that.
  [[nodiscard]] base::Seconds error() const { return last_.empty() ? base::Seconds{} : last_.back().error; }

 private:
  std::deque<base::PhcOffset> last_;
};

}  // namespace gnomon::refclock
