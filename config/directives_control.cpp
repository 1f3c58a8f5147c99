// SPDX-License-Identifier: GPL-2.0-or-later
// Monitoring and control: our own socket and chrony's protocol.
#include <algorithm>
#include <array>

#include "config/directives.hpp"

namespace gnomon::config {

namespace {

constexpr std::array<std::string_view, 13> known_commands{
    "activity",    "authdata",  "clients",    "manual",  "ntpdata",     "rtcdata", "selectdata",
    "serverstats", "smoothing", "sourcename", "sources", "sourcestats", "tracking"};

void set_open_commands(ParseState& state, Arguments& a) {
  std::vector<std::string> commands;
  while (a.more()) {
    auto command = lower_case(a.text());
    if (std::ranges::find(known_commands, command) == known_commands.end()) {
      a.wrong("a read-only command such as tracking", {known_commands.begin(), known_commands.end()});
      return;
    }
    if (std::ranges::find(commands, command) == commands.end()) commands.push_back(std::move(command));
  }
  state.config.control.open_commands = std::move(commands);
}

void set_command_address(ParseState& state, Arguments& a) {
  if (a.left() > 0 && a.peek().starts_with('/'))
    state.config.control.command_socket = a.text();
  else
    read_address(state.config.control.command_addresses, a);
}

void add_metrics_address(ParseState& state, Arguments& a) {
  MetricsAddress wanted;
  if (a.left() > 0 && a.peek().starts_with('/')) {
    wanted.path = a.text();
  } else {
    std::vector<base::IpAddress> address;
    read_address(address, a);
    if (address.empty()) return;
    wanted.endpoint = {address.front(), a.more() ? a.integer<std::uint16_t>() : usual_metrics_port};
  }
  auto& addresses = state.config.control.metrics_addresses;
  if (std::ranges::find(addresses, wanted) == addresses.end()) addresses.push_back(std::move(wanted));
}

constexpr std::array control_table{
    Directive{{.name = "controlsocket",
               .arguments = "PATH",
               .default_value = "/run/gnomon/control",
               .text = "The Unix socket of gnomonctl; / means none."},
              [](ParseState& s, Arguments& a) { s.config.control.socket = a.text(); }},
    Directive{
        {.name = "eventmemory",
         .arguments = "OCTETS",
         .default_value = "1048576",
         .text = "The memory for the last messages of gnomond and gnomon-core, which `gnomonctl events` "
                 "shows; 0: "
                 "none are kept. Where systemd holds it, it outlives the daemon.",
         .range = {0, 67108864}},
        [](ParseState& s, Arguments& a) { s.config.control.event_memory = a.integer<std::uint32_t>(); }},
    Directive{
        {.name = "measurementmemory",
         .arguments = "OCTETS",
         .default_value = "1048576",
         .text =
             "The memory for measurements, clock updates and selections, about 100 octets each, which "
             "`gnomonctl report` and `gnomonctl watch` draw; 0: none are kept. Where systemd holds it, it "
             "outlives the daemon.",
         .range = {0, 67108864}},
        [](ParseState& s, Arguments& a) {
          s.config.control.measurement_memory = a.integer<std::uint32_t>();
        }},
    Directive{{.name = "bindcmdaddress",
               .arguments = "ADDRESS|PATH",
               .default_value = "127.0.0.1, ::1 and /run/chrony/chronyd.sock",
               .text = "The addresses on which chronyc's requests are answered: at most one of each family, "
                       "and the path of a Unix socket (/ means none)."},
              set_command_address},
    Directive{
        {.name = "bindcmddevice",
         .arguments = "INTERFACE",
         .default_value = "any",
         .text = "The network interface on which chronyc's requests are answered. It may appear later."},
        [](ParseState& s, Arguments& a) { s.config.control.command_device = a.text(); }},
    Directive{{.name = "cmdallow",
               .arguments = "[all] [ADDRESS|SUBNET|HOST]",
               .default_value = "this machine only",
               .text = "Answers chronyc's requests from these clients.",
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { read_access(s.config.control.command_access, true, a); },
              nullptr,
              true},
    Directive{{.name = "cmddeny",
               .arguments = "[all] [ADDRESS|SUBNET|HOST]",
               .text = "Does not answer chronyc's requests from these clients.",
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { read_access(s.config.control.command_access, false, a); },
              nullptr,
              true},
    Directive{
        {.name = "cmdport",
         .arguments = "PORT",
         .default_value = "323",
         .text = "The UDP port for chronyc's requests; 0 disables it.",
         .range = port_range},
        [](ParseState& s, Arguments& a) { s.config.control.command_port = a.integer<std::uint16_t>(); }},
    Directive{{.name = "cmdratelimit",
               .arguments = "[OPTION]...",
               .default_value = "off",
               .text = "Limits the rate of answers to chronyc's requests; the interval is 1/16 second (-4) "
                       "by default.",
               .at_run_time = true},
              [](ParseState& s, Arguments& a) {
                read_rate_limit(s.config.control.command_rate_limit, RateLimit{.interval = {-4}}, false, a);
              },
              rate_limit_rows_without_kod},
    Directive{{.name = "metricsaddress",
               .arguments = "ADDRESS [PORT]|PATH",
               .default_value = "none",
               .text = "Answers HTTP requests for metrics here: at an address and TCP port (10123), or at a "
                       "Unix socket.",
               .range = {1, 65535}},
              add_metrics_address,
              nullptr,
              true},
    Directive{{.name = "opencommands",
               .arguments = "[COMMAND]...",
               .default_value = "activity manual rtcdata smoothing sourcename sources sourcestats tracking",
               .text = "The commands that allowed clients may use over the network."},
              set_open_commands},
    Directive{{.name = "manual",
               .default_value = "off",
               .text = "Accepts times entered by hand with the command settime; the commands manual on and "
                       "off change that at run time.",
               .at_run_time = true},
              [](ParseState& s, Arguments&) { s.config.control.manual = true; }},
};

}  // namespace

std::span<const Directive> control_directives() {
  return control_table;
}

}  // namespace gnomon::config
