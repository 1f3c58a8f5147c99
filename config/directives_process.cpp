// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon as a process: its user, its files, its logs; and what older versions of chrony had.
#include <algorithm>
#include <array>

#include "config/directives.hpp"

namespace gnomon::config {

namespace {

constexpr std::array<std::string_view, 8> known_logs{
    "measurements", "rawmeasurements", "refclocks", "rtc", "selection", "statistics", "tempcomp", "tracking"};

// The names are case-sensitive, and logs of several lines add up.
void add_logs(ParseState& state, Arguments& a) {
  auto& logs = state.config.process.logs;
  while (a.more()) {
    const auto name = a.text();
    if (std::ranges::find(known_logs, name) == known_logs.end()) {
      a.wrong("the name of a log such as tracking", {known_logs.begin(), known_logs.end()});
      return;
    }
    if (std::ranges::find(logs, name) == logs.end()) logs.emplace_back(name);
  }
}

void set_mail_on_change(ParseState& state, Arguments& a) {
  MailOnChange mail{.address = std::string{a.text()}};
  mail.threshold = a.seconds();
  state.config.process.mail_on_change = std::move(mail);
}

// chrony warns about these and goes on, whatever follows.
void ignore(ParseState&, Arguments& a) {
  while (a.more()) a.text();
}

constexpr std::array process_table{
    Directive{{.name = "user",
               .arguments = "NAME",
               .default_value = "_gnomon",
               .text = "The user that the processes run as."},
              [](ParseState& s, Arguments& a) { s.config.process.user = a.text(); }},
    Directive{{.name = "pidfile",
               .arguments = "FILE",
               .default_value = "/run/gnomon/gnomond.pid",
               .text = "The file with the number of the main process; / means none."},
              [](ParseState& s, Arguments& a) { s.config.process.pid_file = a.text(); }},
    Directive{
        {.name = "keyfile",
         .arguments = "FILE",
         .text =
             "The file with the symmetric keys of sources (option key) and clients, a line each: ID [TYPE] "
             "KEY. It is read again by gnomonctl rekey and by a reload.",
         .at_run_time = true},
        [](ParseState& s, Arguments& a) { s.config.process.key_file = a.text(); }},
    Directive{{.name = "dumpdir",
               .arguments = "DIRECTORY",
               .text = "The directory where measurements of the sources are kept on exit and on the command "
                       "dump; the option -r reloads them."},
              [](ParseState& s, Arguments& a) { s.config.process.dump_dir = a.text(); }},
    Directive{{.name = "dumponexit", .text = "Obsolete: read and ignored.", .effect = false}, ignore},
    Directive{{.name = "lock_all", .text = "Locks the processes in memory: none of it is ever paged out."},
              [](ParseState& s, Arguments&) { s.config.process.lock_all = true; }},
    Directive{{.name = "sched_priority",
               .arguments = "PRIORITY",
               .default_value = "0",
               .text = "Runs the processes that keep the time, gnomon-core and gnomon-clock, with this "
                       "real-time priority (SCHED_FIFO); 0 means none.",
               .range = {0, 100}},
              [](ParseState& s, Arguments& a) { s.config.process.sched_priority = a.integer<int>(); }},
    Directive{{.name = "logdir",
               .arguments = "DIRECTORY",
               .text = "The directory where the logs are written.",
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.process.log_dir = a.text(); }},
    Directive{{.name = "log",
               .arguments = "[NAME]...",
               .default_value = "none",
               .text = "Writes logs: measurements, rawmeasurements, refclocks, rtc, selection, statistics, "
                       "tempcomp, tracking.",
               .at_run_time = true},
              add_logs,
              nullptr,
              true},
    Directive{{.name = "logbanner",
               .arguments = "LINES",
               .default_value = "32",
               .text = "Repeats the heading of a log after this many lines; 0 means never.",
               .range = count_range,
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.process.log_banner = a.integer<int>(); }},
    Directive{{.name = "logchange",
               .arguments = "SECONDS",
               .default_value = "1",
               .text = "Logs a message when the clock is corrected by more than this.",
               .range = any_real,
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.process.log_change = a.seconds(); }},
    Directive{{.name = "mailonchange",
               .arguments = "ADDRESS SECONDS",
               .default_value = "off",
               .text = "Sends mail when the clock is corrected by more than this.",
               .range = any_real},
              set_mail_on_change},
    Directive{{.name = "commandkey",
               .arguments = "[WORD]...",
               .text = "Obsolete: read and ignored.",
               .effect = false},
              ignore},
    Directive{{.name = "generatecommandkey",
               .arguments = "[WORD]...",
               .text = "Obsolete: read and ignored.",
               .effect = false},
              ignore},
    Directive{{.name = "linux_freq_scale",
               .arguments = "[WORD]...",
               .text = "Obsolete: read and ignored.",
               .effect = false},
              ignore},
    Directive{{.name = "linux_hz",
               .arguments = "[WORD]...",
               .text = "Obsolete: read and ignored.",
               .effect = false},
              ignore},
};

}  // namespace

std::span<const Directive> process_directives() {
  return process_table;
}

}  // namespace gnomon::config
