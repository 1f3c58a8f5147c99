// SPDX-License-Identifier: GPL-2.0-or-later
// The leap second at the end of this day, if one was announced: when it is due, who makes it, whether it was
// made. Owned by the timekeeper.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <tuple>

#include "base/time.hpp"
#include "base/units.hpp"
#include "config/config.hpp"

namespace gnomon::engine {

// What a look at the clock has found.
struct LeapEvent {
  enum class Kind : std::uint8_t {
    none,
    step_due,  // the clock is to be stepped now
    jumped,    // the kernel has made it: the clock went on from `at`
    slew_due,  // UTC has made it at `at`, the clock is to follow by slewing
    left,      // UTC has made it at `at`, and the measurements will show it
    missed,    // the same, though somebody was to make it
    over       // the clock's status is to be set again
  } kind = Kind::none;
  int seconds = 0;    // +1: inserted, -1: deleted
  base::RealTime at;  // reading of the clock
  // By how much the clock was moved for it.
  [[nodiscard]] base::Duration jump() const {
    return kind == Kind::jumped ? std::chrono::seconds{-seconds} : base::Duration{};
  }
};

class LeapSeconds {
 public:
  // steer: false, somebody else has the clock, and may make the leap second or not.
  LeapSeconds(config::LeapSecondMode mode, bool steer) : mode_(mode), steer_(steer) {}

  // What ends this day, by all that is known at `utc`; counts on leap days only, and not within a few seconds
  // of a day's end. True: it has changed.
  bool announce(base::LeapIndicator leap, base::RealTime utc);
  // What others are told; none again as soon as the second has come.
  [[nodiscard]] base::LeapIndicator indicator() const;
  // What the kernel is told.
  [[nodiscard]] base::LeapIndicator armed() const;

  // To be asked with every event, before anything else is done with its time.
  [[nodiscard]] LeapEvent look(const base::Now& now);
  // Who makes leap seconds.
  [[nodiscard]] config::LeapSecondMode mode() const { return mode_; }
  [[nodiscard]] bool steers() const { return steer_; }
  // A jump of the clock that look() will take for the leap second.
  [[nodiscard]] bool is_leap(base::Duration jump, base::RealTime now) const;
  // The clock was stepped by our command. Nothing: by another than that for a leap second.
  std::optional<LeapEvent> stepped(base::RealTime at, base::Duration by);
  // Somebody else has set the clock: it may be another day.
  void forget();

  // Readings that may be from either side of the leap second.
  [[nodiscard]] bool is_near(base::RealTime reading) const;
  // A change of the clock that was made at this reading was made before the leap second that is expected.
  [[nodiscard]] bool is_before(base::RealTime reading) const;
  // How long until look() is to be asked again at the latest.
  [[nodiscard]] base::Duration next_look(base::RealTime now) const;

  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) {
    return std::tie(self.mode_, self.steer_, self.coming_, self.passed_, self.over_due_, self.difference_);
  }

 private:
  struct Coming {
    base::RealTime midnight;
    int seconds = 0;
    bool commanded = false;  // the step
    bool withdrawn = false;
    [[nodiscard]] base::RealTime instant() const;
    [[nodiscard]] auto state(this auto& self) {
      return std::tie(self.midnight, self.seconds, self.commanded, self.withdrawn);
    }
  };
  LeapEvent finish(LeapEvent::Kind kind, base::RealTime at);
  [[nodiscard]] LeapEvent due(base::RealTime now);

  config::LeapSecondMode mode_;
  bool steer_;
  std::optional<Coming> coming_;
  std::optional<base::RealTime> passed_;      // midnight of the last one
  bool over_due_ = false;                     // `over` has still to be said
  std::optional<base::Duration> difference_;  // of the two clocks at the last look
};

}  // namespace gnomon::engine
