// SPDX-License-Identifier: GPL-2.0-or-later
// The options of server, pool and peer lines.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/number.hpp"
#include "config/directives.hpp"
#include "config/parse.hpp"

namespace gnomon::config {

namespace {

constexpr Range retry_range{-32, 19};
constexpr Range poll_range{-32, 32};  // what chrony accepts; bring_into_range() brings it to what makes sense
constexpr int min_poll = -7;
constexpr int max_poll = 24;

base::PollExponent poll(Arguments& a) {
  return {a.integer<std::int8_t>()};
}

void add_extension_field(Source& source, Arguments& a) {
  auto word = a.text();
  if (word.starts_with("0x") || word.starts_with("0X")) word.remove_prefix(2);
  const auto type = base::parse_number<std::uint16_t>(word, {}, 16);
  if (type == 0xF323)
    source.monotonic_root = true;
  else if (type == 0x10A || type == 0xF324)  // what chrony called it before it had a number of its own
    source.network_correction = true;
  else
    a.wrong("10A, F323 or F324", {"10A", "F323", "F324"});
}

constexpr std::array source_options{
    OptionOf<Source>{{.name = "asymmetry",
                      .arguments = "RATIO",
                      .default_value = "estimated",
                      .text = "Assumes this asymmetry of the network jitter, -0.5 to 0.5, instead of "
                              "estimating it; positive means that the jitter is on the path from the source.",
                      .range = any_real},
                     [](Source& s, Arguments& a) { s.asymmetry = a.real(); }},
    OptionOf<Source>{{.name = "auto_offline",
                      .text = "Sets the source offline when a request cannot be sent, until the network "
                              "changes or a command sets it online."},
                     [](Source& s, Arguments&) { s.auto_offline = true; }},
    OptionOf<Source>{
        {.name = "burst",
         .text = "Asks up to three times more, two seconds apart, where a measurement fails or its "
                 "packets took far longer than usual, and the poll interval is long."},
        [](Source& s, Arguments&) { s.burst = true; }},
    OptionOf<Source>{
        {.name = "certset",
         .arguments = "ID",
         .default_value = "0",
         .text = "The set of trusted certificates that this source's NTS key exchange is verified "
                 "with.",
         .range = {0, 4294967295.0}},
        [](Source& s, Arguments& a) { s.cert_set = a.integer<std::uint32_t>(); }},
    OptionOf<Source>{
        {.name = "copy",
         .text = "Serves stratum and reference identifier of the source as ours, so that the two "
                 "count as one machine. For a second daemon beside the one that sets the clock; "
                 "there must be no loop between them."},
        [](Source& s, Arguments&) { s.copy = true; }},
    OptionOf<Source>{
        {.name = "extfield",
         .arguments = "TYPE",
         .text = "Asks with an extension field, a hexadecimal type. F323: the server tells by how "
                 "much it has corrected its clock, and its root delay and dispersion with more "
                 "digits; for servers that are gnomond, or chronyd 4.2 or later. 10A (or "
                 "F324): what transparent clocks on the way have measured, for NTP over PTP "
                 "(ptpport) with timestamps of network cards (hwtimestamp); for gnomond, or "
                 "chronyd 4.9 or later."},
        add_extension_field},
    OptionOf<Source>{{.name = "filter",
                      .arguments = "SAMPLES",
                      .default_value = "0",
                      .text = "Combines the measurements of this many polls into one: of the half with the "
                              "shorter delays, the one with the median offset; 0 turns it off.",
                      .range = count_range},
                     [](Source& s, Arguments& a) { s.filter = a.integer<int>(); }},
    OptionOf<Source>{
        {.name = "iburst",
         .text = "Starts with up to four quick measurements and, until the clock's frequency is known, some "
                 "more at increasing intervals: the clock is right within seconds and stays right."},
        [](Source& s, Arguments&) { s.iburst = true; }},
    OptionOf<Source>{{.name = "ipv4", .text = "Uses only IPv4 addresses of the name."},
                     [](Source& s, Arguments&) { s.family = base::AddressFamily::ipv4; }},
    OptionOf<Source>{{.name = "ipv6", .text = "Uses only IPv6 addresses of the name."},
                     [](Source& s, Arguments&) { s.family = base::AddressFamily::ipv6; }},
    OptionOf<Source>{{.name = "key",
                      .arguments = "ID",
                      .text = "Authenticates packets with this symmetric key of the keyfile.",
                      .range = {1, 4294967295.0}},
                     [](Source& s, Arguments& a) { s.key_id = a.integer<std::uint32_t>(); }},
    OptionOf<Source>{{.name = "maxdelay",
                      .arguments = "SECONDS",
                      .default_value = "3",
                      .text = "Ignores measurements with a longer round trip.",
                      .range = not_negative},
                     [](Source& s, Arguments& a) { s.max_delay = a.seconds(); }},
    OptionOf<Source>{{.name = "maxdelaydevratio",
                      .arguments = "RATIO",
                      .default_value = "10",
                      .text = "Ignores measurements whose delay exceeds the smallest one by this many "
                              "standard deviations.",
                      .range = not_negative},
                     [](Source& s, Arguments& a) { s.max_delay_dev_ratio = a.real(); }},
    OptionOf<Source>{
        {.name = "maxdelayquant",
         .arguments = "PROBABILITY",
         .default_value = "0",
         .text =
             "Ignores measurements above this quantile of the last 64 delays, 0.05 to 0.95; 0 turns it off.",
         .range = not_negative},
        [](Source& s, Arguments& a) { s.max_delay_quantile = a.real(); }},
    OptionOf<Source>{{.name = "maxdelayratio",
                      .arguments = "RATIO",
                      .default_value = "0",
                      .text = "Ignores measurements whose delay is more than this many times the smallest "
                              "one; 0 turns it off.",
                      .range = not_negative},
                     [](Source& s, Arguments& a) { s.max_delay_ratio = a.real(); }},
    OptionOf<Source>{{.name = "maxntsretry",
                      .arguments = "LOG2",
                      .default_value = "19",
                      .text = "The longest interval between attempts at the NTS key exchange, a power of two "
                              "in seconds, at most 19.",
                      .range = retry_range},
                     [](Source& s, Arguments& a) { s.max_nts_retry = a.log2_seconds(-32, 19); }},
    OptionOf<Source>{{.name = "maxpoll",
                      .arguments = "LOG2",
                      .default_value = "10",
                      .text = "The longest poll interval, a power of two in seconds, -7 to 24; negative only "
                              "while the delay is below 10 ms.",
                      .range = poll_range},
                     [](Source& s, Arguments& a) { s.max_poll = poll(a); }},
    OptionOf<Source>{{.name = "maxsamples",
                      .arguments = "SAMPLES",
                      .default_value = "the maxsamples directive",
                      .text = "Keeps at most this many measurements of the source; 0 means no limit.",
                      .range = count_range},
                     [](Source& s, Arguments& a) { s.max_samples = a.integer<int>(); }},
    OptionOf<Source>{{.name = "maxsources",
                      .arguments = "COUNT",
                      .default_value = "4",
                      .text = "How many servers of a pool are used, 1 to 16.",
                      .range = {1, whole_max}},
                     [](Source& s, Arguments& a) { s.max_sources = a.integer<int>(); }},
    OptionOf<Source>{
        {.name = "maxunreach",
         .arguments = "POLLS",
         .default_value = "100000",
         .text =
             "How many polls a source may stay selected after eight without an answer, as long as the oldest "
             "sample of those that answer is older than its last one.",
         .range = count_range},
        [](Source& s, Arguments& a) { s.max_unreach = a.integer<int>(); }},
    OptionOf<Source>{{.name = "mindelay",
                      .arguments = "SECONDS",
                      .default_value = "0",
                      .text = "The smallest delay to assume, for a network where it is known.",
                      .range = any_real},
                     [](Source& s, Arguments& a) { s.min_delay = a.seconds(); }},
    OptionOf<Source>{
        {.name = "minpoll",
         .arguments = "LOG2",
         .default_value = "6",
         .text = "The shortest poll interval, a power of two in seconds, -7 to 24; negative only "
                 "while the delay is below 10 ms.",
         .range = poll_range},
        [](Source& s, Arguments& a) { s.min_poll = poll(a); }},
    OptionOf<Source>{{.name = "minsamples",
                      .arguments = "SAMPLES",
                      .default_value = "the minsamples directive",
                      .text = "Keeps at least this many measurements of the source.",
                      .range = count_range},
                     [](Source& s, Arguments& a) { s.min_samples = a.integer<int>(); }},
    OptionOf<Source>{
        {.name = "minstratum",
         .arguments = "STRATUM",
         .default_value = "0",
         .text = "Raises the source's stratum to at least this, so that other sources take precedence.",
         .range = {0, 16}},
        [](Source& s, Arguments& a) { s.min_stratum = a.stratum(); }},
    OptionOf<Source>{{.name = "noselect", .text = "Measures the source without ever using it."},
                     [](Source& s, Arguments&) { s.no_select = true; }},
    OptionOf<Source>{{.name = "nts",
                      .text = "Authenticates with Network Time Security; the name is the key exchange "
                              "server's."},
                     [](Source& s, Arguments&) { s.nts = true; }},
    OptionOf<Source>{{.name = "ntsport",
                      .arguments = "PORT",
                      .default_value = "4460",
                      .text = "The TCP port of the key exchange server.",
                      .range = port_range},
                     [](Source& s, Arguments& a) { s.nts_port = a.integer<std::uint16_t>(); }},
    OptionOf<Source>{{.name = "offline", .text = "Sends no requests until a command sets the source online."},
                     [](Source& s, Arguments&) { s.offline = true; }},
    OptionOf<Source>{{.name = "offset",
                      .arguments = "SECONDS",
                      .default_value = "0",
                      .text = "Corrects every measurement by this much.",
                      .range = any_real},
                     [](Source& s, Arguments& a) { s.offset = a.seconds(); }},
    OptionOf<Source>{{.name = "polltarget",
                      .arguments = "SAMPLES",
                      .default_value = "8",
                      .text = "The number of measurements that the poll interval is adjusted for; more means "
                              "shorter intervals.",
                      .range = {1, whole_max}},
                     [](Source& s, Arguments& a) { s.poll_target = a.integer<int>(); }},
    OptionOf<Source>{{.name = "port",
                      .arguments = "PORT",
                      .default_value = "123",
                      .text = "The UDP port of the server.",
                      .range = port_range},
                     [](Source& s, Arguments& a) { s.port = a.integer<std::uint16_t>(); }},
    OptionOf<Source>{
        {.name = "prefer", .text = "Prefers this source over selectable sources without this option."},
        [](Source& s, Arguments&) { s.prefer = true; }},
    OptionOf<Source>{{.name = "presend",
                      .arguments = "LOG2",
                      .default_value = "100",
                      .text = "From this poll interval on, sends an extra request two seconds before the one "
                              "that counts, to fill the caches on the path; with xleave two of them.",
                      .range = poll_range},
                     [](Source& s, Arguments& a) { s.presend = poll(a); }},
    OptionOf<Source>{{.name = "require",
                      .text = "Selects nothing unless at least one source with this option is selectable."},
                     [](Source& s, Arguments&) { s.require = true; }},
    OptionOf<Source>{
        {.name = "trust",
         .text = "Trusts this source against any majority of sources that are not trusted: those are used "
                 "only if their whole error interval lies within that of the trusted ones."},
        [](Source& s, Arguments&) { s.trust = true; }},
    OptionOf<Source>{{.name = "version",
                      .arguments = "VERSION",
                      .default_value = "4",
                      .text = "The version of NTP in requests.",
                      .range = {1, 4}},
                     [](Source& s, Arguments& a) { s.version = a.integer<int>(); }},
    OptionOf<Source>{
        {.name = "xleave",
         .text = "Requests interleaved mode: with each answer the server sends the exact transmit timestamp "
                 "of the previous one, as seen by its kernel. More accurate on fast networks, and one poll "
                 "interval later. A server without it is queried as usual."},
        [](Source& s, Arguments&) { s.interleaved = true; }},
};

// chrony accepts more than it uses: out of bounds is brought to the bound, a minpoll or maxpoll below the
// bound to its default.
std::vector<Row> source_option_rows() {
  return rows_of(source_options);
}

constexpr std::array sources_table{
    Directive{{.name = "server",
               .arguments = "NAME [OPTION]...",
               .text = "A time server, by host name or address; with the option nts, a key exchange server.",
               .at_run_time = true},
              [](ParseState& state, Arguments& a) {
                state.config.sources.push_back(read_source(SourceKind::server, "server", a, &state.config));
              },
              source_option_rows,
              true},
    Directive{
        {.name = "pool",
         .arguments = "NAME [OPTION]...",
         .text = "A name that stands for many servers; some of them are used, and replaced when they fail.",
         .at_run_time = true},
        [](ParseState& state, Arguments& a) {
          state.config.sources.push_back(read_source(SourceKind::pool, "pool", a, &state.config));
        },
        source_option_rows,
        true},
    Directive{
        {.name = "peer",
         .arguments = "NAME [OPTION]...",
         .text =
             "Another server that is our equal: each of the two may follow the other (symmetric mode), from "
             "the served port. Better two `server` lines, one on each side; a peer should have a `key`, "
             "cannot have nts, and ignores iburst, burst, presend and copy.",
         .at_run_time = true},
        [](ParseState& state, Arguments& a) {
          state.config.sources.push_back(read_source(SourceKind::peer, "peer", a, &state.config));
        },
        source_option_rows,
        true},
    Directive{{.name = "refresh",
               .arguments = "SECONDS",
               .default_value = "1209600",
               .text = "Looks the names of the sources up again after this time; 0 means never.",
               .range = count_range,
               .at_run_time = true},
              [](ParseState& state, Arguments& a) { state.config.selection.refresh = a.whole_seconds(); }},
    Directive{
        {.name = "initstepslew",
         .arguments = "SECONDS [HOST]...",
         .default_value = "off",
         .text =
             "Corrects the clock once at startup from these hosts, before other sources are queried: by a "
             "step if it is wrong by the threshold or more, else by the fastest slew. makestep does "
             "that with the usual sources.",
         .range = any_real},
        [](ParseState& state, Arguments& a) {
          InitStepSlew init{.threshold = a.seconds(), .hosts = {}};
          while (a.more()) init.hosts.emplace_back(a.text());
          state.config.clock.init_step_slew = std::move(init);
        }},
    Directive{{.name = "acquisitionport",
               .arguments = "PORT",
               .default_value = "random for each request",
               .text = "The fixed UDP port from which requests are sent; 0 means one random port. It may be "
                       "below 1024, and the same as the served port.",
               .range = port_range},
              [](ParseState& state, Arguments& a) {
                state.config.client.acquisition_port = a.integer<std::uint16_t>();
              }},
    Directive{{.name = "bindacqaddress",
               .arguments = "ADDRESS",
               .default_value = "any",
               .text = "The address from which requests are sent, at most one of each family."},
              [](ParseState& state, Arguments& a) { read_address(state.config.client.bind_addresses, a); }},
    Directive{{.name = "bindacqdevice",
               .arguments = "INTERFACE",
               .default_value = "any",
               .text = "The network interface through which requests are sent."},
              [](ParseState& state, Arguments& a) { state.config.client.bind_device = a.text(); }},
};

}  // namespace

void bring_into_range(Source& s) {
  const auto bounded = [](base::PollExponent poll, std::int8_t fallback) {
    if (poll.value < min_poll) return base::PollExponent{fallback};
    return base::PollExponent{static_cast<std::int8_t>(std::min<int>(poll.value, max_poll))};
  };
  s.min_poll = bounded(s.min_poll, 6);
  s.max_poll = std::max(bounded(s.max_poll, 10), s.min_poll);
  s.max_delay = std::min(s.max_delay, base::Seconds{1e3});
  s.max_delay_ratio = std::min(s.max_delay_ratio, 1e6);
  s.max_delay_dev_ratio = std::min(s.max_delay_dev_ratio, 1e6);
  if (s.max_delay_quantile > 0) s.max_delay_quantile = std::clamp(s.max_delay_quantile, 0.05, 0.95);
  if (s.asymmetry && std::abs(*s.asymmetry) > 0.5) s.asymmetry.reset();
  s.max_sources = std::min(s.max_sources, 16);
}

bool is_source_name(std::string_view text) {
  constexpr std::size_t longest = 255;
  constexpr std::string_view marks = ".:_-%";
  const auto fits = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || marks.contains(c);
  };
  return !text.empty() && text.size() <= longest && text.front() != '-' && std::ranges::all_of(text, fits);
}

Source read_source(SourceKind kind, std::string_view directive, Arguments& arguments, Config* notes) {
  Source source;
  source.kind = kind;
  source.name = arguments.text();
  if (!arguments.failed() && !is_source_name(source.name))
    arguments.wrong(source.name.starts_with('[')
                        ? "an address without brackets: its port is the option 'port'"
                        : "a host name or an address");
  read_options(source, source_options, directive, arguments, notes);
  bring_into_range(source);
  return source;
}

std::span<const Directive> source_directives() {
  return sources_table;
}

}  // namespace gnomon::config
