// SPDX-License-Identifier: GPL-2.0-or-later
// The free-running clock, reconstructed: what the system clock would show had nobody ever adjusted it.
// Samples are kept on this scale and so are never rewritten, not by leap seconds either: what the clock is
// compared with goes on evenly, as TAI does. Owned by the timekeeper.
#pragma once

#include <compare>
#include <deque>
#include <tuple>

#include "base/time.hpp"

namespace gnomon::engine {

// A moment on the free-running scale: time since the daemon's first reading, as the undisciplined oscillator
// counts it.
struct LocalTime {
  base::Duration since_start{};
  friend constexpr auto operator<=>(const LocalTime&, const LocalTime&) = default;
  friend constexpr base::Duration operator-(LocalTime a, LocalTime b) {
    return a.since_start - b.since_start;
  }
  friend constexpr LocalTime operator+(LocalTime a, base::Duration d) { return {a.since_start + d}; }
};

class Timescale {
 public:
  // start: the system clock at local time zero; rate: what it runs at on top of the free-running rate, s/s.
  explicit Timescale(base::RealTime start = {}, double rate = 0);

  // The system clock read `at` (after the step) when it was stepped and its rate became `rate`.
  void change(base::RealTime at, double rate, base::Duration stepped);
  // UTC has made a leap second (+1: inserted, -1: deleted). The clock read `at` afterwards; `stepped`: by how
  // much it jumped for it, 0 when it did not.
  void leap(base::RealTime at, int seconds, base::Duration stepped);
  // It has not: what was said with these, without a jump of the clock, was wrong.
  void take_back_leap(base::RealTime at, int seconds);

  [[nodiscard]] LocalTime local(base::RealTime system) const;
  // What the system clock shows (or showed) at that local time.
  [[nodiscard]] base::RealTime system(LocalTime local) const;
  // How far the system clock is ahead of local time counted from its start, leap seconds since then not
  // counted: system(local) + leap seconds - start - local.
  [[nodiscard]] base::Duration ahead(LocalTime local) const;
  [[nodiscard]] double rate() const { return segments_.back().rate; }

  // False: what was read from a record is no scale.
  [[nodiscard]] bool is_whole() const { return !segments_.empty(); }
  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) { return std::tie(self.start_, self.segments_); }

 private:
  struct Segment {  // from these readings on, until the next one's
    base::RealTime system;
    LocalTime local;
    double rate = 0;
    base::Duration leap{};  // inserted since the start
    [[nodiscard]] auto state(this auto& self) {
      return std::tie(self.system, self.local, self.rate, self.leap);
    }
  };
  [[nodiscard]] const Segment& segment_at(LocalTime local) const;
  void begin(base::RealTime at, double rate, base::Duration stepped, base::Duration leap);

  base::RealTime start_;
  std::deque<Segment> segments_;
};

}  // namespace gnomon::engine
