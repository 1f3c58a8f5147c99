// SPDX-License-Identifier: GPL-2.0-or-later
// The system clock: how right it is, how it runs, and what was done to it.
#include <array>

#include "daemon/core/metrics/table.hpp"

namespace gnomon::core::metrics {

namespace {

template <auto Value>
void one(const View& view, Samples& samples) {
  samples.add(Value(view));
}

// Of what selection and estimation say: nothing as long as they say nothing.
template <auto Value>
void of_tracking(const View& view, Samples& samples) {
  if (view.tracking.leap != base::LeapIndicator::unsynchronised) samples.add(Value(view.tracking));
}

void error_bound(const View& view, Samples& samples) {
  if (const auto bound = engine::error_bound(view.tracking)) samples.add(bound->count());
}

void leap(const View& view, Samples& samples) {
  constexpr auto words = control::words_of(control::leap_words);
  samples.add_states(words, base::word_of(control::leap_words, view.tracking.leap));
}

void clock_commands(const View& view, Samples& samples) {
  constexpr std::array<std::string_view, std::variant_size_v<engine::ClockCommand>> names{"rate", "step",
                                                                                          "status"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    samples.add(view.clock.commands.at(i).applied, {{"command", names.at(i)}, {"outcome", "applied"}});
    samples.add(view.clock.commands.at(i).refused, {{"command", names.at(i)}, {"outcome", "refused"}});
  }
}

void smoothing(const View& view, Samples& samples) {
  if (view.smoothing.active) samples.add(view.smoothing.offset.count());
}

template <auto Value>
void of_rtc(const View& view, Samples& samples) {
  if (view.real_time_clock.used) samples.add(Value(view.real_time_clock));
}

using engine::RtcReport;
using engine::TrackingReport;

constexpr std::array clock_table{
    Metric{{"gnomon_clock_synchronised", Type::gauge, "",
            "1 if the clock follows sources, or runs on after them at their last rate (the error bound grows "
            "then), "
            "otherwise 0; its own time (local) is none"},
           "",
           one<[](const View& v) { return engine::is_synchronised(v.tracking) ? 1 : 0; }>},
    Metric{{"gnomon_clock_error_bound_seconds", Type::gauge, "seconds",
            "How far the clock may be off by now, growing until the next measurement; missing while it is "
            "not synchronised"},
           "",
           error_bound},
    Metric{
        {"gnomon_clock_steered", Type::gauge, "", "1 if gnomond sets the clock, 0 if it only measures (-x)"},
        "",
        one<[](const View& v) { return v.steered ? 1 : 0; }>},
    Metric{{"gnomon_clock_stratum", Type::gauge, "", "Stratum; 0: not synchronised"},
           "",
           one<[](const View& v) { return v.tracking.stratum; }>},
    Metric{{"gnomon_clock_leap", Type::state_set, "", "The leap second that is announced"}, "", leap},
    Metric{{"gnomon_clock_offset_seconds", Type::gauge, "seconds",
            "What is still to be corrected by slewing; positive: the clock is ahead"},
           "",
           of_tracking<[](const TrackingReport& t) { return -t.system_time.count(); }>},
    Metric{{"gnomon_clock_last_offset_seconds", Type::gauge, "seconds",
            "Offset at the last clock update; positive: the clock was ahead"},
           "",
           of_tracking<[](const TrackingReport& t) { return t.last_offset.count(); }>},
    Metric{{"gnomon_clock_rms_offset_seconds", Type::gauge, "seconds", "Long-term average of the offset"},
           "",
           of_tracking<[](const TrackingReport& t) { return t.rms_offset.count(); }>},
    Metric{{"gnomon_clock_frequency_ratio", Type::gauge, "ratio",
            "By how much the clock would run fast (negative: slow) if it were not corrected; 1e-6 is 1 ppm"},
           "",
           one<[](const View& v) { return v.tracking.frequency.ratio(); }>},
    Metric{{"gnomon_clock_residual_frequency_ratio", Type::gauge, "ratio",
            "How far the frequency that the sources show is from the one in use"},
           "",
           of_tracking<[](const TrackingReport& t) { return t.residual_frequency.ratio(); }>},
    Metric{{"gnomon_clock_skew_ratio", Type::gauge, "ratio", "Uncertainty of the frequency"},
           "",
           of_tracking<[](const TrackingReport& t) { return t.skew.ratio(); }>},
    Metric{{"gnomon_clock_root_delay_seconds", Type::gauge, "seconds",
            "Round trip to the primary clock, all servers between included"},
           "",
           of_tracking<[](const TrackingReport& t) { return t.root_delay.count(); }>},
    Metric{{"gnomon_clock_root_dispersion_seconds", Type::gauge, "seconds",
            "Accumulated uncertainty back to the primary clock"},
           "",
           of_tracking<[](const TrackingReport& t) { return t.root_dispersion.count(); }>},
    Metric{{"gnomon_clock_update_interval_seconds", Type::gauge, "seconds",
            "Time between the last two clock updates"},
           "",
           of_tracking<[](const TrackingReport& t) { return t.update_interval.count(); }>},
    Metric{{"gnomon_clock_reference_timestamp_seconds", Type::gauge, "seconds",
            "When the clock was last updated, since 1970"},
           "",
           of_tracking<[](const TrackingReport& t) {
             return base::to_seconds(t.reference_time.time_since_epoch()).count();
           }>},
    Metric{{"gnomon_clock_commands", Type::counter, "",
            "Commands to gnomon-clock: rate (frequency and slew), step, status for the kernel; refused: by "
            "the kernel or by its budget"},
           "command outcome",
           clock_commands},
    Metric{{"gnomon_clock_stepped_seconds", Type::counter, "seconds",
            "How far steps have moved the clock, forwards and backwards added up"},
           "",
           one<[](const View& v) { return base::to_seconds(v.clock.stepped).count(); }>},
    Metric{{"gnomon_clock_foreign_steps", Type::counter, "",
            "How often the clock was set by somebody else, a wake-up from sleep included"},
           "",
           one<[](const View& v) { return v.clock.jumps; }>},
    Metric{{"gnomon_clock_smoothing_offset_seconds", Type::gauge, "seconds",
            "How far served time is ahead of ours (smoothtime); missing while it is not smoothed"},
           "",
           smoothing},
    Metric{{"gnomon_rtc_offset_seconds", Type::gauge, "seconds",
            "How far the real-time clock is ahead of true time; missing without rtcfile"},
           "",
           of_rtc<[](const RtcReport& r) { return r.fast.count(); }>},
    Metric{{"gnomon_rtc_frequency_ratio", Type::gauge, "ratio",
            "By how much the real-time clock runs fast; missing without rtcfile"},
           "",
           of_rtc<[](const RtcReport& r) { return r.gain.ratio(); }>},
};

}  // namespace

std::span<const Metric> clock_metrics() {
  return clock_table;
}

}  // namespace gnomon::core::metrics
