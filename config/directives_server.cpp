// SPDX-License-Identifier: GPL-2.0-or-later
// Serving time: who may ask, on which sockets, how often.
#include <array>

#include "config/directives.hpp"

namespace gnomon::config {

namespace {

constexpr std::array local_options{
    OptionOf<Local>{{.name = "stratum",
                     .arguments = "STRATUM",
                     .default_value = "10",
                     .text = "The stratum reported to clients.",
                     .range = {1, 15}},
                    [](Local& l, Arguments& a) { l.stratum = a.stratum(); }},
    OptionOf<Local>{{.name = "distance",
                     .arguments = "SECONDS",
                     .default_value = "1",
                     .text = "Becomes active when the root distance exceeds this, unless synchronised since.",
                     .range = any_real},
                    [](Local& l, Arguments& a) { l.distance = a.seconds(); }},
    OptionOf<Local>{{.name = "activate",
                     .arguments = "SECONDS",
                     .default_value = "0",
                     .text = "Becomes active only after the root distance was once below this.",
                     .range = any_real},
                    [](Local& l, Arguments& a) { l.activate = a.seconds(); }},
    OptionOf<Local>{{.name = "orphan",
                     .text = "Servers that are each other's sources and have lost all others follow the one "
                             "with the smallest address; all need the same local stratum."},
                    [](Local& l, Arguments&) { l.orphan = true; }},
    OptionOf<Local>{{.name = "waitsynced",
                     .arguments = "SECONDS",
                     .default_value = "0",
                     .text = "Waits this long after the last update.",
                     .range = any_real},
                    [](Local& l, Arguments& a) { l.wait_synced = a.seconds(); }},
    OptionOf<Local>{{.name = "waitunsynced",
                     .arguments = "SECONDS",
                     .default_value = "0, with orphan 300",
                     .text = "Waits this long after startup if the clock was never updated.",
                     .range = any_real},
                    [](Local& l, Arguments& a) { l.wait_unsynced = a.seconds(); }},
};

void set_local(ParseState& state, Arguments& a) {
  constexpr base::Seconds for_orphans{300};
  Local local{.wait_unsynced = base::Seconds{-1}};
  read_options(local, local_options, "local", a, &state.config);
  if (local.wait_unsynced < base::Seconds{})
    local.wait_unsynced = local.orphan ? for_orphans : base::Seconds{};
  state.config.server.local = local;
}

void add_broadcast(ParseState& state, Arguments& a) {
  Broadcast broadcast{.interval = a.whole_seconds()};
  const auto address = base::parse_address(a.text());
  if (!address) {
    a.wrong("an address");
    return;
  }
  broadcast.destination = {*address, 123};
  if (a.more()) broadcast.destination.port = a.integer<std::uint16_t>(a.second());
  state.config.server.broadcasts.push_back(broadcast);
}

void set_smooth_time(ParseState& state, Arguments& a) {
  SmoothTime smooth{.max_frequency = a.ppm()};
  smooth.max_wander = a.ppm(a.second());
  smooth.leap_only = a.take("leaponly");
  state.config.server.smooth_time = smooth;
}

constexpr std::array server_table{
    Directive{
        {.name = "allow",
         .arguments = "[all] [ADDRESS|SUBNET|HOST]",
         .default_value = "nobody",
         .text =
             "Serves time, and NTS key exchanges, to these clients; without a subnet, to everyone. A host "
             "is looked up at the start, all its addresses count.",
         .at_run_time = true},
        [](ParseState& s, Arguments& a) { read_access(s.config.server.access, true, a); },
        nullptr,
        true},
    Directive{{.name = "deny",
               .arguments = "[all] [ADDRESS|SUBNET|HOST]",
               .text = "Does not serve these clients; the rule for the smallest subnet decides. As long as "
                       "the name of a host does not resolve, nobody is served.",
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { read_access(s.config.server.access, false, a); },
              nullptr,
              true},
    Directive{{.name = "port",
               .arguments = "PORT",
               .default_value = "123",
               .text = "The UDP port on which requests are answered; 0 disables it.",
               .range = port_range},
              [](ParseState& s, Arguments& a) { s.config.server.port = a.integer<std::uint16_t>(); }},
    Directive{
        {.name = "bindaddress",
         .arguments = "ADDRESS",
         .default_value = "any",
         .text = "The address on which requests, NTS included, are answered, at most one of each family."},
        [](ParseState& s, Arguments& a) { read_address(s.config.server.bind_addresses, a); }},
    Directive{{.name = "binddevice",
               .arguments = "INTERFACE",
               .default_value = "any",
               .text = "The network interface on which requests are answered. It may appear later."},
              [](ParseState& s, Arguments& a) { s.config.server.bind_device = a.text(); }},
    Directive{{.name = "local",
               .arguments = "[OPTION]...",
               .default_value = "off",
               .text = "Serves the time of our own clock when it is not synchronised.",
               .at_run_time = true},
              set_local,
              [] { return rows_of(local_options); }},
    Directive{
        {.name = "ratelimit",
         .arguments = "[OPTION]...",
         .default_value = "off",
         .text = "Limits the rate of answers to each client, regardless of the number of threads; the "
                 "interval is 8 seconds (3) by default. Addresses of one IPv6 network (/64) share sixteen "
                 "limits.",
         .at_run_time = true},
        [](ParseState& s, Arguments& a) {
          read_rate_limit(s.config.server.rate_limit, RateLimit{}, true, a);
        },
        rate_limit_rows},
    Directive{
        {.name = "ntpworkers",
         .arguments = "N",
         .default_value = "0",
         .text = "The number of threads that answer requests; 0 means one for each processor, at most 8.",
         .range = {0, 64}},
        [](ParseState& s, Arguments& a) { s.config.server.workers = a.integer<int>(); }},
    Directive{{.name = "dscp",
               .arguments = "POINT",
               .default_value = "0",
               .text = "The Differentiated Services Code Point of packets sent.",
               .range = {0, 63}},
              [](ParseState& s, Arguments& a) { s.config.server.dscp = a.integer<int>(); }},
    Directive{
        {.name = "clientloglimit",
         .arguments = "OCTETS",
         .default_value = "524288",
         .text =
             "The memory for data about clients, 128 octets each: how often they ask (`gnomonctl "
             "clients`), by how much they exceed the rate limit, and the transmit timestamps of clients in "
             "interleaved mode.",
         .range = {0, 9.2e18}},
        [](ParseState& s, Arguments& a) { s.config.server.client_log_limit = a.integer<std::uint64_t>(); }},
    Directive{
        {.name = "noclientlog",
         .text = "Keeps nothing about clients: no list of them, no rate limits and no interleaved mode."},
        [](ParseState& s, Arguments&) { s.config.server.no_client_log = true; }},
    Directive{
        {.name = "broadcast",
         .arguments = "SECONDS ADDRESS [PORT]",
         .text = "Sends time to a broadcast, multicast or other address at this interval, 1 second or more.",
         .range = any_whole,
         .second = port_range},
        add_broadcast,
        nullptr,
        true},
    Directive{{.name = "smoothtime",
               .arguments = "PPM PPM_PER_SECOND [leaponly]",
               .default_value = "off",
               .text = "Serves time that follows the clock smoothly, within these bounds on frequency and "
                       "wander, and does not announce leap seconds; with leaponly, only leap seconds are "
                       "smoothed. Use it with leapsecmode slew.",
               .range = any_real,
               .second = any_real},
              set_smooth_time},
    Directive{
        {.name = "ntpsigndsocket",
         .arguments = "DIRECTORY",
         .text = "Lets Samba sign the answers to members of its domain (MS-SNTP), through its socket in this "
                 "directory."},
        [](ParseState& s, Arguments& a) { s.config.server.signd_socket = a.text(); }},
    Directive{{.name = "ptpport",
               .arguments = "PORT",
               .default_value = "0",
               .text = "The UDP port for NTP inside PTP messages; 0 turns it off.",
               .range = port_range},
              [](ParseState& s, Arguments& a) { s.config.server.ptp_port = a.integer<std::uint16_t>(); }},
    Directive{{.name = "ptpdomain",
               .arguments = "DOMAIN",
               .default_value = "123",
               .text = "The PTP domain for NTP inside PTP messages.",
               .range = {0, 255}},
              [](ParseState& s, Arguments& a) { s.config.server.ptp_domain = a.integer<int>(); }},
};

}  // namespace

std::span<const Directive> server_directives() {
  return server_table;
}

}  // namespace gnomon::config
