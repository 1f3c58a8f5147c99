// SPDX-License-Identifier: GPL-2.0-or-later
// How far the clock was turned within the last hour and the last day, by steps, by slews and by frequency
// beyond the one that it was shown to need; and how much further it may be turned. Owned by the service.
#pragma once

#include <cmath>
#include <optional>

#include "base/time.hpp"
#include "helpers/clock/memory.hpp"

namespace gnomon::clock {

// The limits leave room for what they are promised to be: 1 s an hour, 2 s a day. A slot that has begun
// counts whole, and a process may wake late.
inline constexpr double most_an_hour = 0.9;  // s
inline constexpr double most_a_day = 1.8;    // s
// A frequency that cannot be told from the needed one turns nothing: a millisecond a day.
inline constexpr double negligible_turning = 1e-8;
// The first correction is over when the clock was left alone for an hour, but for what is small: no frequency
// further from the first of that hour than 20 ppm, no change above a quarter of a second. Or after four
// hours.
inline constexpr base::Duration calm_enough = std::chrono::hours{1};
inline constexpr base::Duration longest_first_correction = std::chrono::hours{4};
// One that begins later than this after the start changes what is needed by less than this: who serves for
// months without a source must not be led anywhere.
inline constexpr base::Duration latest_start = std::chrono::hours{4};
inline constexpr double late_change = 500e-6;

// Pure: is told what the clocks read, and what was done to the system clock after it was done.
class Turned {
 public:
  // `lasting`: the most that the clock may need, either way; a ratio, 0 or above.
  explicit Turned(TurnedState& state, double lasting = 1) : state_(state), lasting_(lasting) {}

  // To be called before anything else at a moment: the clock has run on since. `asleep`: altogether since the
  // machine was started. What others did to the clock may be undone; after sleep a rest is nobody's fault.
  void advance(const base::Now& now, base::Duration asleep);
  // At a start: what the kernel runs at.
  void starts_at(double rate);
  // The clock runs at `rate` from now on, and at `base` when the slew is over, which is to gain `slew`
  // seconds. With the first frequency that is set a first correction begins, and once more, however much
  // later, with the first offset that is corrected.
  void runs_at(double rate, double base, double slew = 0);
  void stepped(base::Duration offset, bool counts);
  // A second more, for a leap second that takes hours.
  void allow_leap_slew();

  // Not when it turns further than it may; what turns slower than can be told turns nothing.
  [[nodiscard]] bool may_run_on() const;
  // By how much it may still be turned, in the direction of the sign of `towards`.
  [[nodiscard]] double room(double towards) const;
  // How far it turns by itself at this rate, a second.
  [[nodiscard]] double speed(double rate) const { return rate - state_.needed; }
  [[nodiscard]] bool counts() const { return state_.counts; }
  // No offset has been corrected: the first step or slew is limited by the configuration alone.
  [[nodiscard]] bool awaits_correction() const { return !state_.corrected; }
  // The frequency to go back to.
  [[nodiscard]] double needed() const { return state_.needed; }
  // The rate nearest to this one at which the clock may be left when nobody looks any more: for a day it
  // turns no further than it may now.
  [[nodiscard]] double left_alone(double rate) const;
  // When there is to be another look, however little is asked for: the room ends, or the first correction.
  [[nodiscard]] std::optional<base::MonoTime> due() const;

  [[nodiscard]] double within_hour() const;
  [[nodiscard]] double within_day() const;

 private:
  void notice_jump(const base::Now& now, base::Duration asleep);
  void run_on(base::Duration time);
  void move(double seconds);
  void to_slot(base::MonoTime time);
  void begin();
  void disturb();
  [[nodiscard]] bool is_late() const { return state_.begun_at - state_.started_at > latest_start; }
  [[nodiscard]] double bounded_need(double frequency) const;
  void look_if_over();
  [[nodiscard]] Extent extent(std::size_t slots) const;
  [[nodiscard]] double bound(double towards) const;

  TurnedState& state_;
  double lasting_;
};

}  // namespace gnomon::clock
