// SPDX-License-Identifier: GPL-2.0-or-later
// Leap seconds from the announcement, by a table or the sources, to the measurements after them, which may
// show that a source has made none. Owned by the timekeeper, which moves its time scale by what is found.
#pragma once

#include <optional>
#include <tuple>
#include <utility>

#include "base/time.hpp"
#include "base/units.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/leap/leap_notes.hpp"
#include "daemon/core/engine/leap/leap_seconds.hpp"
#include "daemon/core/engine/leap/leap_table.hpp"
#include "daemon/core/engine/values/note.hpp"

namespace gnomon::engine {

class LeapKeeper {
 public:
  // steer: false, somebody else has the clock.
  LeapKeeper(config::LeapSecondMode mode, bool steer) : leap_(mode, steer) {}

  // What a file says; replaces what another said before. An empty one says nothing.
  void set_table(LeapTable table) { table_ = std::move(table); }
  // What ends this day, as the table has it or else these sources. The note: it is another than before.
  [[nodiscard]] std::optional<Note> announce(base::LeapIndicator by_sources, base::RealTime utc);

  // As of LeapSeconds, and what is left to be shown by measurements is remembered.
  [[nodiscard]] LeapEvent look(const base::Now& now);
  [[nodiscard]] std::optional<LeapEvent> stepped(base::RealTime at, base::Duration by);
  // UTC has made it, says this event.
  [[nodiscard]] Note made(const LeapEvent& event) const { return leap_made(event, maker()); }
  // Somebody else has set the clock.
  void forget();

  // Whether a measurement of then, of a source that is followed, is the first that can show a leap second
  // that our clock has not made.
  [[nodiscard]] bool is_shown_by(base::RealTime time) const { return left_at_ && time >= *left_at_; }
  struct Untrue {
    base::RealTime at;
    int seconds = 0;
  };
  // That measurement, as far from what our clock was expected to be off: the leap second, if the source has
  // made none. Asked once.
  [[nodiscard]] std::optional<Untrue> take_measurement(base::Seconds unexpected);

  [[nodiscard]] base::LeapIndicator indicator() const { return leap_.indicator(); }
  [[nodiscard]] base::LeapIndicator armed() const { return leap_.armed(); }
  [[nodiscard]] bool is_leap(base::Duration jump, base::RealTime now) const {
    return leap_.is_leap(jump, now);
  }
  [[nodiscard]] bool is_near(base::RealTime reading) const { return leap_.is_near(reading); }
  [[nodiscard]] bool is_before(base::RealTime reading) const { return leap_.is_before(reading); }
  [[nodiscard]] base::Duration next_look(base::RealTime now) const { return leap_.next_look(now); }
  [[nodiscard]] std::optional<std::int16_t> tai_offset(base::RealTime utc) const {
    return table_.tai_offset(utc);
  }

  // For records, which have them at different places.
  [[nodiscard]] auto parts(this auto& self) {
    return std::tie(self.leap_, self.table_, self.left_at_, self.left_seconds_);
  }

 private:
  [[nodiscard]] LeapMaker maker() const { return {leap_.mode(), leap_.steers()}; }
  void remember(const LeapEvent& event);

  LeapSeconds leap_;
  LeapTable table_;
  std::optional<base::RealTime> left_at_;  // a leap second that measurements have still to show
  int left_seconds_ = 0;                   // of it: +1, -1
};

}  // namespace gnomon::engine
