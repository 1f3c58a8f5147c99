// SPDX-License-Identifier: GPL-2.0-or-later
// Reference clocks, hardware timestamps, the real-time clock, temperature.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "config/directives.hpp"

namespace gnomon::config {

namespace {

constexpr Range nic_poll_range{-32, 32};
constexpr Range clock_poll_range{-7, 24};
constexpr Range offset_range{-2e9, 2e9};  // three times what the week number of GPS can be wrong by

constexpr std::array<std::string_view, 5> clock_drivers{"PPS", "SHM", "SOCK", "PHC", "RTC"};

std::string reference_id(Arguments& a) {
  const auto text = a.text();
  if (text.size() > 4) a.wrong("at most four characters");
  return std::string{text};
}

constexpr std::array refclock_options{
    OptionOf<RefClock>{{.name = "delay",
                        .arguments = "SECONDS",
                        .default_value = "1e-9",
                        .text = "The delay assumed for selection.",
                        .range = not_negative},
                       [](RefClock& r, Arguments& a) { r.delay = a.seconds(); }},
    OptionOf<RefClock>{{.name = "dpoll",
                        .arguments = "LOG2",
                        .default_value = "0",
                        .text = "The interval at which the device is read, a power of two in seconds.",
                        .range = clock_poll_range},
                       [](RefClock& r, Arguments& a) { r.driver_poll = a.integer<int>(); }},
    OptionOf<RefClock>{{.name = "filter",
                        .arguments = "SAMPLES",
                        .default_value = "64",
                        .text = "How many readings the median filter holds.",
                        .range = count_range},
                       [](RefClock& r, Arguments& a) { r.filter = a.integer<int>(); }},
    OptionOf<RefClock>{{.name = "local", .text = "The clock is only a stable frequency without true time."},
                       [](RefClock& r, Arguments&) { r.local = true; }},
    OptionOf<RefClock>{
        {.name = "lock", .arguments = "REFID", .text = "Pulses are numbered by this other reference clock."},
        [](RefClock& r, Arguments& a) { r.lock_reference_id = reference_id(a); }},
    OptionOf<RefClock>{{.name = "maxdispersion",
                        .arguments = "SECONDS",
                        .default_value = "0",
                        .text = "Ignores readings with a larger dispersion; 0 turns it off.",
                        .range = not_negative},
                       [](RefClock& r, Arguments& a) { r.max_dispersion = a.seconds(); }},
    OptionOf<RefClock>{{.name = "maxlockage",
                        .arguments = "PULSES",
                        .default_value = "2",
                        .text = "How old the numbering reading may be.",
                        .range = count_range},
                       [](RefClock& r, Arguments& a) { r.max_lock_age = a.integer<int>(); }},
    OptionOf<RefClock>{{.name = "maxsamples",
                        .arguments = "SAMPLES",
                        .text = "Keeps at most this many measurements; 0 means no limit.",
                        .range = count_range},
                       [](RefClock& r, Arguments& a) { r.max_samples = a.integer<int>(); }},
    OptionOf<RefClock>{{.name = "maxunreach",
                        .arguments = "POLLS",
                        .default_value = "100000",
                        .text = "A clock without readings for more polls than this is not selected.",
                        .range = count_range},
                       [](RefClock& r, Arguments& a) { r.max_unreach = a.integer<int>(); }},
    OptionOf<RefClock>{{.name = "minsamples",
                        .arguments = "SAMPLES",
                        .text = "Keeps at least this many measurements.",
                        .range = count_range},
                       [](RefClock& r, Arguments& a) { r.min_samples = a.integer<int>(); }},
    OptionOf<RefClock>{{.name = "noselect", .text = "Measures the clock without ever using it."},
                       [](RefClock& r, Arguments&) { r.no_select = true; }},
    OptionOf<RefClock>{{.name = "offset",
                        .arguments = "SECONDS",
                        .default_value = "0",
                        .text = "Corrects every reading by this much, 63 years at most.",
                        .range = offset_range},
                       [](RefClock& r, Arguments& a) { r.offset = a.seconds(); }},
    OptionOf<RefClock>{{.name = "poll",
                        .arguments = "LOG2",
                        .default_value = "4",
                        .text = "The poll interval, a power of two in seconds.",
                        .range = clock_poll_range},
                       [](RefClock& r, Arguments& a) { r.poll = a.integer<int>(); }},
    OptionOf<RefClock>{{.name = "pps", .text = "Treats the readings as pulses without a number."},
                       [](RefClock& r, Arguments&) { r.pps = true; }},
    OptionOf<RefClock>{{.name = "precision",
                        .arguments = "SECONDS",
                        .text = "The precision of the clock.",
                        .range = not_negative},
                       [](RefClock& r, Arguments& a) { r.precision = a.seconds(); }},
    OptionOf<RefClock>{
        {.name = "prefer", .text = "Prefers this clock over selectable sources without this option."},
        [](RefClock& r, Arguments&) { r.prefer = true; }},
    OptionOf<RefClock>{{.name = "rate",
                        .arguments = "HERTZ",
                        .default_value = "1",
                        .text = "The number of pulses in a second.",
                        .range = {1, whole_max}},
                       [](RefClock& r, Arguments& a) { r.pps_rate = a.integer<int>(); }},
    OptionOf<RefClock>{{.name = "refid", .arguments = "REFID", .text = "The reference identifier."},
                       [](RefClock& r, Arguments& a) { r.reference_id = reference_id(a); }},
    OptionOf<RefClock>{
        {.name = "require", .text = "Selects nothing unless a source with this option is selectable."},
        [](RefClock& r, Arguments&) { r.require = true; }},
    OptionOf<RefClock>{{.name = "stratum",
                        .arguments = "STRATUM",
                        .default_value = "0",
                        .text = "The stratum of the clock.",
                        .range = {0, 15}},
                       [](RefClock& r, Arguments& a) { r.stratum = a.stratum(); }},
    OptionOf<RefClock>{{.name = "tai", .text = "The clock runs on TAI."},
                       [](RefClock& r, Arguments&) { r.tai = true; }},
    OptionOf<RefClock>{{.name = "trust", .text = "Trusts this clock against any majority."},
                       [](RefClock& r, Arguments&) { r.trust = true; }},
    OptionOf<RefClock>{{.name = "width",
                        .arguments = "SECONDS",
                        .text = "The width of the pulses, to tell their two edges apart.",
                        .range = any_real},
                       [](RefClock& r, Arguments& a) { r.width = a.seconds(); }},
};

constexpr std::array receive_filters{
    base::EnumWord{ReceiveFilter::none, "none"}, base::EnumWord{ReceiveFilter::ntp, "ntp"},
    base::EnumWord{ReceiveFilter::ptp, "ptp"}, base::EnumWord{ReceiveFilter::all, "all"}};

constexpr std::array timestamp_options{
    OptionOf<HardwareTimestamp>{{.name = "maxpoll",
                                 .arguments = "LOG2",
                                 .default_value = "minpoll + 1",
                                 .text = "The longest interval between readings of the card's clock.",
                                 .range = nic_poll_range},
                                [](HardwareTimestamp& t, Arguments& a) { t.max_poll = a.integer<int>(); }},
    OptionOf<HardwareTimestamp>{{.name = "maxsamples",
                                 .arguments = "SAMPLES",
                                 .default_value = "16",
                                 .text = "Keeps at most this many readings.",
                                 .range = count_range},
                                [](HardwareTimestamp& t, Arguments& a) { t.max_samples = a.integer<int>(); }},
    OptionOf<HardwareTimestamp>{{.name = "minpoll",
                                 .arguments = "LOG2",
                                 .default_value = "0",
                                 .text = "The shortest interval between readings of the card's clock.",
                                 .range = nic_poll_range},
                                [](HardwareTimestamp& t, Arguments& a) { t.min_poll = a.integer<int>(); }},
    OptionOf<HardwareTimestamp>{{.name = "minsamples",
                                 .arguments = "SAMPLES",
                                 .default_value = "2",
                                 .text = "Keeps at least this many readings.",
                                 .range = count_range},
                                [](HardwareTimestamp& t, Arguments& a) { t.min_samples = a.integer<int>(); }},
    OptionOf<HardwareTimestamp>{{.name = "nocrossts", .text = "Does not use cross timestamps."},
                                [](HardwareTimestamp& t, Arguments&) { t.no_cross_timestamp = true; }},
    OptionOf<HardwareTimestamp>{{.name = "precision",
                                 .arguments = "SECONDS",
                                 .default_value = "100e-9",
                                 .text = "The precision of the card's clock.",
                                 .range = not_negative},
                                [](HardwareTimestamp& t, Arguments& a) { t.precision = a.seconds(); }},
    OptionOf<HardwareTimestamp>{{.name = "rxcomp",
                                 .arguments = "SECONDS",
                                 .default_value = "0",
                                 .text = "Is subtracted from receive timestamps.",
                                 .range = any_real},
                                [](HardwareTimestamp& t, Arguments& a) { t.rx_compensation = a.seconds(); }},
    OptionOf<HardwareTimestamp>{{.name = "rxfilter",
                                 .arguments = "none|ntp|ptp|all",
                                 .default_value = "the best there is",
                                 .text = "Which packets the card timestamps on arrival."},
                                [](HardwareTimestamp& t, Arguments& a) {
                                  if (const auto filter = a.choice(receive_filters))
                                    t.receive_filter = *filter;
                                }},
    OptionOf<HardwareTimestamp>{{.name = "txcomp",
                                 .arguments = "SECONDS",
                                 .default_value = "0",
                                 .text = "Is added to transmit timestamps.",
                                 .range = any_real},
                                [](HardwareTimestamp& t, Arguments& a) { t.tx_compensation = a.seconds(); }},
};

void add_refclock(ParseState& state, Arguments& a) {
  constexpr std::size_t most = 64;
  auto& clocks = state.config.hardware.reference_clocks;
  RefClock clock;
  clock.driver = a.text();
  if (std::ranges::find(clock_drivers, clock.driver) == clock_drivers.end())
    a.wrong("one of PPS, SHM, SOCK, PHC and RTC");
  clock.parameter = a.text();
  if (clocks.size() >= most) a.wrong("at most 64 reference clocks");
  read_options(clock, refclock_options, "refclock", a, nullptr);
  clock.driver_poll = std::min(clock.driver_poll, clock.poll);
  clocks.push_back(std::move(clock));
}

void add_timestamping(ParseState& state, Arguments& a) {
  HardwareTimestamp timestamp;
  timestamp.interface = a.text();
  read_options(timestamp, timestamp_options, "hwtimestamp", a, nullptr);
  state.config.hardware.timestamping.push_back(std::move(timestamp));
}

void set_temperature(ParseState& state, Arguments& a) {
  TemperatureCompensation compensation;
  const bool points = a.left() == 3;
  compensation.sensor_file = a.text();
  compensation.interval = a.seconds();
  if (points) {
    compensation.point_file = a.text();
  } else {
    compensation.t0 = a.real(a.second());
    compensation.k0 = a.ppm(a.third());
    compensation.k1 = a.ppm(a.third());
    compensation.k2 = a.ppm(a.third());
  }
  state.config.hardware.temperature = std::move(compensation);
}

constexpr std::array hardware_table{
    Directive{{.name = "refclock",
               .arguments = "DRIVER PARAMETER [OPTION]...",
               .text = "A reference clock of this machine: PPS, SHM, SOCK, PHC or RTC."},
              add_refclock,
              [] { return rows_of(refclock_options); },
              true},
    Directive{
        {.name = "hwtimestamp",
         .arguments = "INTERFACE [OPTION]...",
         .default_value = "off",
         .text = "Timestamps packets in the network card; * and other patterns mean every card that can."},
        add_timestamping,
        [] { return rows_of(timestamp_options); },
        true},
    Directive{{.name = "hwtstimeout",
               .arguments = "SECONDS",
               .default_value = "0.001",
               .text = "How long an answer waits for the transmit timestamp of the request.",
               .range = not_negative},
              [](ParseState& s, Arguments& a) { s.config.hardware.timestamp_timeout = a.seconds(); }},
    Directive{
        {.name = "maxtxbuffers",
         .arguments = "N",
         .default_value = "0",
         .text = "How many answers to interleaving clients each socket of the server remembers until the "
                 "kernel's transmit timestamps of them arrive; 0 means 128. What is sent beyond that "
                 "goes without one.",
         .range = {0, 1048576}},
        [](ParseState& s, Arguments& a) { s.config.server.max_tx_buffers = a.integer<int>(); }},
    Directive{{.name = "tempcomp",
               .arguments = "FILE SECONDS T0 K0 K1 K2|FILE SECONDS POINTS",
               .default_value = "off",
               .text = "Corrects the frequency by the temperature of a sensor.",
               .range = not_negative,
               .second = any_real,
               .third = any_real},
              set_temperature},
    Directive{{.name = "hwclockfile",
               .arguments = "FILE",
               .text = "The file in which hwclock records whether the real-time clock shows UTC or local "
                       "time, usually /etc/adjtime; it overrides rtconutc."},
              [](ParseState& s, Arguments& a) { s.config.hardware.hwclock_file = a.text(); }},
    Directive{
        {.name = "rtcdevice",
         .arguments = "DEVICE",
         .default_value = "/dev/rtc",
         .text = "The real-time clock that rtcfile is about, and that the option -s takes the time from."},
        [](ParseState& s, Arguments& a) { s.config.hardware.rtc_device = a.text(); }},
    Directive{{.name = "rtcfile",
               .arguments = "FILE",
               .text = "Tracks the error and drift of the real-time clock, and keeps them in this file."},
              [](ParseState& s, Arguments& a) {
                s.config.hardware.rtc_file = a.text();
                s.rtc_file = s.place;
              }},
    Directive{{.name = "rtconutc",
               .default_value = "off",
               .text = "The real-time clock runs on UTC, not on local time."},
              [](ParseState& s, Arguments&) { s.config.hardware.rtc_on_utc = true; }},
    Directive{{.name = "rtcautotrim",
               .arguments = "SECONDS",
               .default_value = "off",
               .text = "Sets the real-time clock when its error is larger.",
               .range = any_real},
              [](ParseState& s, Arguments& a) { s.config.hardware.rtc_auto_trim = a.seconds(); }},
};

}  // namespace

std::span<const Directive> hardware_directives() {
  return hardware_table;
}

}  // namespace gnomon::config
