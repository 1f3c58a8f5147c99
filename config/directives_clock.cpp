// SPDX-License-Identifier: GPL-2.0-or-later
// How the system clock is corrected.
#include <algorithm>
#include <array>

#include "config/directives.hpp"

namespace gnomon::config {

namespace {

constexpr base::Ppm most_ppm{1e6};  // a clock that stands still is wrong by as much; chrony takes more

constexpr std::array leap_second_modes{
    base::EnumWord{LeapSecondMode::system, "system"}, base::EnumWord{LeapSecondMode::step, "step"},
    base::EnumWord{LeapSecondMode::slew, "slew"}, base::EnumWord{LeapSecondMode::ignore, "ignore"}};

void set_drift_file(ParseState& state, Arguments& a) {
  const auto path = a.text();
  if (a.more()) {
    if (!a.take("interval")) {
      a.text();
      a.unknown_option({"interval"});
    }
    state.config.clock.drift_file_interval = a.whole_seconds();
  }
  state.config.clock.drift_file = path;
}

std::vector<Row> drift_file_options() {
  return {{.name = "interval",
           .arguments = "SECONDS",
           .default_value = "3600",
           .text = "The time between two writes.",
           .range = count_range}};
}

constexpr std::array clock_table{
    Directive{{.name = "driftfile",
               .arguments = "FILE [interval SECONDS]",
               .text = "Keeps the frequency of the clock across a restart.",
               .range = count_range},
              set_drift_file,
              drift_file_options},
    Directive{{.name = "makestep",
               .arguments = "SECONDS LIMIT",
               .default_value = "never",
               .text = "Steps the clock if it is wrong by more than this, in the first LIMIT updates only; a "
                       "negative limit is none.",
               .range = any_real,
               .second = any_whole,
               .at_run_time = true},
              [](ParseState& s, Arguments& a) {
                // chrony takes a negative one too: every correction is larger.
                const auto threshold = std::max(a.seconds(), base::Seconds{});
                s.config.clock.make_step = MakeStep{threshold, a.integer<int>(a.second())};
              }},
    Directive{
        {.name = "maxchange",
         .arguments = "SECONDS START IGNORE [exit|stay]",
         .default_value = "off",
         .text = "After START updates, ignores a larger correction IGNORE times (negative: always). After "
                 "that the daemon exits, with status 3. With stay the clock is no longer steered instead: "
                 "the daemon keeps running, says so and serves as unsynchronised until `gnomonctl "
                 "makestep`; a larger correction takes a restart.",
         .range = any_real,
         .second = any_whole,
         .third = any_whole},
        [](ParseState& s, Arguments& a) {
          const auto offset = std::max(a.seconds(), base::Seconds{});
          const int start = a.integer<int>(a.second());
          MaxChange change{offset, start, a.integer<int>(a.third())};
          change.exit = a.take("exit") || !a.take("stay");
          s.config.clock.max_change = change;
        }},
    Directive{
        {.name = "maxslewrate",
         .arguments = "PPM",
         .default_value = "83333.333",
         .text = "The largest rate at which a correction is slewed.",
         .range = not_negative},
        [](ParseState& s, Arguments& a) { s.config.clock.max_slew_rate = std::min(a.ppm(), most_ppm); }},
    Directive{
        {.name = "maxdrift",
         .arguments = "PPM",
         .default_value = "100000",
         .text =
             "The largest frequency error that the clock may have. It is also the most that a compromised "
             "gnomon-core can make it have for good, gnomon-security(7).",
         .range = not_negative},
        [](ParseState& s, Arguments& a) { s.config.clock.max_drift = std::min(a.ppm(), most_ppm); }},
    Directive{{.name = "maxupdateskew",
               .arguments = "PPM",
               .default_value = "1000",
               .text = "Ignores frequency estimates that are less certain.",
               .range = not_negative,
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.clock.max_update_skew = a.ppm(); }},
    Directive{{.name = "maxclockerror",
               .arguments = "PPM",
               .default_value = "1",
               .text = "The frequency error that the clock is assumed to have of its own.",
               .range = not_negative,
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.clock.max_clock_error = a.ppm(); }},
    Directive{{.name = "corrtimeratio",
               .arguments = "RATIO",
               .default_value = "3",
               .text = "How long a correction may take, in update intervals.",
               .range = not_negative,
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.clock.corr_time_ratio = a.real(); }},
    Directive{{.name = "rtcsync",
               .text = "Lets the kernel copy the time to the real-time clock every eleven minutes."},
              [](ParseState& s, Arguments&) { s.config.clock.rtc_sync = true; }},
    Directive{
        {.name = "leapsecmode",
         .arguments = "system|step|slew|ignore",
         .default_value = "system",
         .text = "How the clock is corrected for a leap second: by the kernel, by a step or slew of our "
                 "own, or not until measurements show it."},
        [](ParseState& s, Arguments& a) {
          if (const auto mode = a.choice(leap_second_modes)) s.config.clock.leap_second_mode = *mode;
        }},
    Directive{{.name = "leapsectz",
               .arguments = "TIMEZONE",
               .text = "Takes leap seconds and the kernel's TAI offset from this time zone, usually "
                       "right/UTC, whatever the sources announce."},
              [](ParseState& s, Arguments& a) { s.config.clock.leap_timezone = a.text(); }},
    Directive{{.name = "leapseclist",
               .arguments = "FILE",
               .text = "Takes leap seconds and the kernel's TAI offset from a list as published by NIST and "
                       "IERS, until it expires; takes precedence over leapsectz."},
              [](ParseState& s, Arguments& a) { s.config.clock.leap_list = a.text(); }},
    Directive{{.name = "clockprecision",
               .arguments = "SECONDS",
               .default_value = "measured",
               .text = "The precision of the system clock.",
               .range = not_negative},
              [](ParseState& s, Arguments& a) { s.config.clock.clock_precision = a.seconds(); }},
    Directive{{.name = "fallbackdrift",
               .arguments = "MIN MAX",
               .default_value = "off",
               .text = "Averages the frequency over 2^MIN, ..., 2^MAX seconds. When nothing has corrected "
                       "the clock for that long, it runs at the average over that time.",
               .range = any_whole,
               .second = any_whole},
              [](ParseState& s, Arguments& a) {
                const auto shortest = a.log2_seconds(0, 32);
                s.config.clock.fallback_drift = FallbackSpans{shortest, a.log2_seconds(0, 32, a.second())};
              }},
};

}  // namespace

std::span<const Directive> clock_directives() {
  return clock_table;
}

}  // namespace gnomon::config
