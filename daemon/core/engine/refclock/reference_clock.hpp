// SPDX-License-Identifier: GPL-2.0-or-later
// One reference clock of this machine as its readings show it: numbers pulses, filters, gives one sample for
// each poll interval. The counterpart of an Association; owned by the core's table of reference clocks.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "base/time.hpp"
#include "base/units.hpp"
#include "config/hardware.hpp"
#include "daemon/core/engine/estimation/timescale.hpp"
#include "daemon/core/engine/refclock/local_follower.hpp"
#include "daemon/core/engine/refclock/noise_meter.hpp"
#include "daemon/core/engine/refclock/reading_filter.hpp"
#include "daemon/core/engine/refclock/reading_quality.hpp"
#include "daemon/core/engine/values/log_records.hpp"
#include "daemon/core/engine/values/refclock_reading.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "daemon/core/engine/values/sample.hpp"

namespace gnomon::engine {

// Our own clock at that moment.
struct RefclockContext {
  base::Now now;
  const Timescale& scale;
  double frequency = 0;  // of the free-running clock against true time, s/s
  const TrackingReport& tracking;
  base::Seconds clock_precision{1e-7};
  // TAI minus UTC at a time in UTC; nullopt: not known. For `tai` alone.
  std::function<std::optional<std::int16_t>(base::RealTime)> tai_offset{};
};

// A poll interval is over.
struct RefclockPoll {
  std::optional<Sample> sample;
  std::optional<RefclockRecord> record;
  // Of a clock with `local`: our oscillator is to be made faster by that.
  std::optional<base::Ppm> correction{};
};

class ReferenceClock {
 public:
  ReferenceClock(base::SourceId id, base::ReferenceId reference_id, config::RefClock settings);

  // A record: the reading counts; nullopt: it does not, and trouble() says why. `lock`: the clock of `lock`,
  // null where there is none.
  [[nodiscard]] std::optional<RefclockRecord> take(const RefclockReading& reading, const ReferenceClock* lock,
                                                   const RefclockContext& context);
  // The clock is there, but around a leap second what it says does not count.
  void pass_over(const RefclockReading& reading, const base::Now& now);
  // The device was polled. True: so often that the poll interval is over.
  [[nodiscard]] bool polled();
  // The process that polls begins to count.
  void begin_interval() { polls_ = 0; }
  // `pulses_lead`: our clock follows this one, or another one that gives pulses numbered by our own clock.
  [[nodiscard]] RefclockPoll poll_over(const RefclockContext& context, bool pulses_lead);
  // What was known of the clock when the daemon stopped (dump file).
  void restore(std::uint8_t reach, std::uint8_t stratum);
  // Other selection options, or another offset from the next reading on.
  void reconfigure(config::RefClock settings) { settings_ = std::move(settings); }
  // Nothing measured so far counts.
  void drop_readings();

  [[nodiscard]] base::SourceId id() const { return id_; }
  [[nodiscard]] base::ReferenceId reference_id() const { return reference_id_; }
  [[nodiscard]] const config::RefClock& settings() const { return settings_; }
  // Whether its pulses are numbered by our own clock.
  [[nodiscard]] bool numbers_by_clock() const { return pulses_ && settings_.lock_reference_id.empty(); }
  [[nodiscard]] RefclockTrouble trouble() const { return trouble_; }
  [[nodiscard]] AssociationReport report(const base::Now& now) const;

 private:
  struct Placed {  // a reading on the free-running scale
    LocalTime at;
    base::Duration theta{};
    base::LeapIndicator leap = base::LeapIndicator::none;
  };
  using OrTrouble = std::optional<Placed>;
  [[nodiscard]] OrTrouble place_time(const RefclockReading& reading, const RefclockContext& context);
  [[nodiscard]] OrTrouble place_pulse(const RefclockReading& reading, const ReferenceClock* lock,
                                      const RefclockContext& context);
  void note_unused(const RefclockReading& reading);
  [[nodiscard]] bool is_of_now(const RefclockReading& reading, const base::Now& now) const;
  [[nodiscard]] bool is_right_edge(double off, double uncertain) const;
  [[nodiscard]] double period() const { return 1.0 / settings_.pps_rate; }
  [[nodiscard]] Sample sample_of(const FilteredReading& filtered, double thinness,
                                 const RefclockContext& context) const;
  [[nodiscard]] double thinness(const FilteredReading& filtered);
  [[nodiscard]] base::Seconds precision(const RefclockContext& context) const;
  OrTrouble refuse(RefclockTrouble why);

  base::SourceId id_;
  base::ReferenceId reference_id_;
  config::RefClock settings_;
  ReadingFilter filter_;
  ReadingQuality quality_;
  bool unused_ = false;  // there was a reading in this interval that does not count, and the clock is well
  NoiseMeter noise_;
  double usual_count_ = 0;  // of readings that a sample is made of
  LocalFollower follower_;
  int polls_ = 0;  // of the device since the last poll interval ended
  std::optional<base::RealTime> last_time_;
  base::LeapIndicator leap_ = base::LeapIndicator::unsynchronised;
  bool pulses_ = false;  // the last reading was one
  RefclockTrouble trouble_ = RefclockTrouble::silent;
  std::uint8_t stratum_ = 0;
  std::uint8_t reach_ = 0;
  int missed_ = 0;  // polls in a row
  std::optional<base::MonoTime> last_sample_;
  std::uint32_t samples_ = 0;
};

// The settings of the clock as far as sources in general have such: limits of samples, options of selection.
[[nodiscard]] config::Source source_of(const config::RefClock& clock, base::ReferenceId reference_id);
// See config::reference_name.
[[nodiscard]] base::ReferenceId reference_id_of(const config::RefClock& clock, std::size_t index);

}  // namespace gnomon::engine
