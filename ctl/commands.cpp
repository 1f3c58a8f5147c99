// SPDX-License-Identifier: GPL-2.0-or-later
// The one table of gnomonctl's commands.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ctl/access_commands.hpp"
#include "ctl/arguments.hpp"
#include "ctl/command.hpp"
#include "ctl/explain_commands.hpp"
#include "ctl/metrics_command.hpp"
#include "ctl/operator_commands.hpp"
#include "ctl/probe_command.hpp"
#include "ctl/reload.hpp"
#include "ctl/session_commands.hpp"
#include "ctl/source_commands.hpp"

namespace gnomon::ctl {

namespace {

constexpr std::array rows{
    Command{"accheck", Group::reports, "ADDRESS", "Whether this client would be served", check_access,
            render_access},
    Command{"activity", Group::reports, "", "Number of sources online, offline and unresolved",
            plain<"Activity">, render_activity},
    Command{"add", Group::sources, "server|pool|peer NAME [OPTION]...",
            "Add a source, as a configuration line would", add_source},
    Command{"allow", Group::daemon, "[all] [SUBNET]", "Serve these clients too, or everyone", change_access},
    Command{"authdata", Group::reports, "[-a] [-v]", "Authentication and keys of each source",
            plain<"AuthData">, render_authdata, Flags::listing},
    Command{"burst", Group::sources, "GOOD/MOST [MASK/ADDRESS|NAME]",
            "Measure quickly until GOOD measurements were good", burst},
    Command{"certificates", Group::reports, "", "Certificates presented to NTS clients, and their validity",
            plain<"Certificates">, render_certificates},
    Command{"check-config", Group::explain, "[--resolve] [FILE]",
            "Find mistakes in a configuration; no daemon is needed", check_file, render_done, Flags::check,
            "  gnomonctl check-config                      the one that the daemon reads\n"
            "  gnomonctl check-config --resolve new.conf   another, with the names of its sources\n"
            "  gnomonctl check-config --json | jq .        for programs\n"
            "  generate-it | gnomonctl check-config -      what comes through a pipe\n"
            "Exit status: 0 good, 1 warnings only, 2 gnomond would not start, or a line cannot do what it is "
            "for"},
    Command{"clients", Group::reports, "[-p HITS] [-k] [-r]",
            "Who asks for time, keys and reports, and how often", clients, render_clients, Flags::none,
            "  gnomonctl clients            requests for time, and commands over UDP\n"
            "  gnomonctl clients -k         requests for time, and NTS key exchanges\n"
            "  gnomonctl clients -p 100 -r  those with 100 or more; all counts begin afresh"},
    Command{"cmdaccheck", Group::reports, "ADDRESS", "Whether commands from this address would be accepted",
            check_access, render_access},
    Command{"cmdallow", Group::daemon, "[all] [SUBNET]", "Accept commands over UDP from these addresses too",
            change_access},
    Command{"cmddeny", Group::daemon, "[all] [SUBNET]", "Ignore commands over UDP from these addresses",
            change_access},
    Command{"cyclelogs", Group::daemon, "", "Go on in new log files, after these were renamed",
            plain<"CycleLogs">},
    Command{"delete", Group::sources, "SOURCE", "Remove a source", one_word<"DeleteSource", "source">},
    Command{"deny", Group::daemon, "[all] [SUBNET]", "Do not serve these clients", change_access},
    Command{"dfreq", Group::clock, "PPM", "Our clock is faster than estimated, by this much",
            one_number<"AddFrequency", "frequency">},
    Command{"dns", Group::session, "-n|+n|-4|-6|-46", "Print addresses, or their names in DNS", dns,
            render_done, Flags::none},
    Command{"doffset", Group::clock, "SECONDS", "Our clock is further ahead than estimated, by this much",
            one_number<"AddOffset", "offset">},
    Command{"dump", Group::daemon, "", "Write measurements, frequency and keys to their files",
            plain<"Dump">},
    Command{"events", Group::explain, "[--follow] [--since TIME] [--lines NUMBER] [--utc]",
            "The last messages of the daemon, and those to come", events, render_done, Flags::events,
            "  gnomonctl events --since yesterday        what happened last night\n"
            "  gnomonctl events --follow                 and what happens now\n"
            "  gnomonctl events --json | jq -r .MESSAGE  for programs"},
    Command{"exit", Group::session, "", "End the session", quit},
    Command{"explain", Group::explain, "[SOURCE]",
            "Why the clock is synchronised or not, and each source selected or not", explain, render_explain,
            Flags::common,
            "  gnomonctl explain                   the clock and all sources\n"
            "  gnomonctl explain time.example.net  and only this source\n"
            "  gnomonctl --json explain | jq -r .cause\n"
            "Exit status: 0 synchronised, 1 not synchronised, 2 the daemon could not be asked"},
    Command{"help", Group::session, "[COMMAND]", "Print this help, or that of a command", nullptr},
    Command{"keygen", Group::session, "[ID [TYPE [BITS]]]", "Create a symmetric key, as a line for a keyfile",
            keygen, render_key},
    Command{"local", Group::clock, "OPTIONS|off", "Serve our own time when not synchronised, or stop that",
            local},
    Command{"makestep", Group::clock, "[THRESHOLD LIMIT]", "Correct the clock at once, or allow steps",
            makestep},
    Command{"manual", Group::clock, "on|off|reset|list|delete INDEX", "Manage times entered by hand", manual},
    Command{"maxdelay", Group::sources, "SOURCE SECONDS", "Change the longest round trip that is accepted",
            modify_source},
    Command{"maxdelaydevratio", Group::sources, "SOURCE RATIO",
            "Change the limit of the delay over its deviation", modify_source},
    Command{"maxdelayratio", Group::sources, "SOURCE RATIO",
            "Change the limit of the delay over the smallest one", modify_source},
    Command{"maxpoll", Group::sources, "SOURCE LOG2", "Change the longest poll interval", modify_source},
    Command{"maxupdateskew", Group::clock, "PPM", "Change the largest skew of accepted frequency estimates",
            one_number<"SetMaxUpdateSkew", "skew">},
    Command{
        "metrics", Group::explain, "[openmetrics|prometheus]",
        "All metrics, as Prometheus and others read them", metrics, render_metrics, Flags::common,
        "  gnomonctl metrics             OpenMetrics 1.0\n"
        "  gnomonctl metrics prometheus  the older text format, for the textfile collector of node_exporter"},
    Command{"minpoll", Group::sources, "SOURCE LOG2", "Change the shortest poll interval", modify_source},
    Command{"minstratum", Group::sources, "SOURCE STRATUM", "Change the stratum that the source is raised to",
            modify_source},
    Command{"ntpdata", Group::reports, "[SOURCE]", "The last valid response of each source, or of one",
            ntpdata, render_ntpdata},
    Command{"offline", Group::sources, "[MASK/ADDRESS|NAME]", "Set all sources offline, or these",
            within<"Offline">},
    Command{"offset", Group::sources, "SOURCE SECONDS",
            "Change by how much each of its measurements is corrected", modify_source},
    Command{"online", Group::sources, "[MASK/ADDRESS|NAME]", "Set all sources online, or these",
            within<"Online">},
    Command{"onoffline", Group::sources, "", "Set each source online or offline, depending on the routes",
            plain<"OnOffline">},
    Command{"polltarget", Group::sources, "SOURCE SAMPLES",
            "Change the number of samples the poll interval aims at", modify_source},
    Command{"probe", Group::explain,
            "[-4|-6] [--nts|--no-nts] [--port PORT] [--ke-port PORT] [--source-port PORT] [--trusted PATH] "
            "[--timeout TIME] [--no-burst] [--nagios] [--warning TIME] [--critical TIME] [--utc] HOST",
            "Look at a time server from all sides; no daemon is needed", probe_host, render_done,
            Flags::probe,
            "  gnomonctl probe time.example.net                       everything\n"
            "  gnomonctl probe --nts --trusted ca.pem 192.0.2.1       with an authority of one's own\n"
            "  gnomonctl probe --nagios --no-burst time.example.net   for a monitoring system\n"
            "  gnomonctl probe --json time.example.net | jq .verdict  for programs\n"
            "Exit status: 0 good, 1 something is wrong, 2 it should not be used, 3 it could not be judged"},
    Command{"quit", Group::session, "", "End the session", quit},
    Command{"record", Group::explain, "[--for TIME] [--force] FILE",
            "Write down what happens to the engine, for gnomon-replay and for a bug report", record,
            render_done, Flags::record,
            "  gnomonctl record --for 1h clock.record   an hour\n"
            "  gnomonctl record clock.record            until Ctrl-C\n"
            "Addresses and the configuration are in it, keys and cookies are not.\n"
            "Exit status: 0 recorded, 1 not, or not as long as was asked for"},
    Command{"refclocks", Group::reports, "",
            "Reference clocks of this machine, and a line for each; no daemon is needed", refclocks,
            render_refclocks},
    Command{"refresh", Group::sources, "", "Look the names of the sources up again", plain<"Refresh">},
    Command{"rekey", Group::daemon, "", "Read certificates, symmetric keys and externally managed keys again",
            rekey},
    Command{"reload", Group::daemon, "[--dry-run] [sources]",
            "Read the whole configuration again, and apply what has changed; or only the sourcedirs", reload,
            render_done, Flags::reload,
            "  gnomonctl reload --dry-run  what would change, and what needs a restart\n"
            "  gnomonctl reload            apply it, or nothing at all if there is a mistake\n"
            "  gnomonctl reload sources    only the files in the sourcedirs, as chronyc does\n"
            "Exit status: 0 done, 1 the configuration has mistakes, 2 the daemon could not be asked"},
    Command{
        "report", Group::explain, "[--since TIME] [--utc] -o FILE",
        "Draw what happened to the clock and its sources: a page for a browser", report, render_done,
        Flags::report,
        "  gnomonctl report -o clock.html                    the last 24 hours, or what is known of them\n"
        "  gnomonctl report --since yesterday -o clock.html  since midnight before last\n"
        "  gnomonctl report --since 1h -o - | mail-it        to standard output"},
    Command{"reselect", Group::sources, "", "Select a source afresh", plain<"Reselect">},
    Command{"reselectdist", Group::sources, "SECONDS", "Change the preference for the selected source",
            one_number<"SetReselectDistance", "distance">},
    Command{"reset", Group::sources, "sources", "Drop all measurements", of_sources<"ResetSources">},
    Command{"retries", Group::session, "COUNT", "Accepted for scripts of chronyc; nothing gets lost here",
            retries},
    Command{"rtcdata", Group::reports, "", "How the real-time clock drifts", plain<"RtcData">,
            render_rtcdata},
    Command{"selectdata", Group::reports, "[-a] [-v]", "Why each source is selected or not",
            plain<"SelectData">, render_selectdata, Flags::listing},
    Command{"selectopts", Group::sources, "SOURCE +|-OPTION...", "Change noselect, prefer, trust, require",
            select_options, render_done, Flags::none},
    Command{"serverstats", Group::reports, "", "What was served and what was dropped", plain<"ServerStats">,
            render_serverstats},
    Command{"settime", Group::clock, "TIME", "Enter the current time", settime, render_set_time},
    Command{"shutdown", Group::daemon, "", "Shut the daemon down", plain<"Shutdown">},
    Command{"smoothing", Group::reports, "", "How served time is smoothed", plain<"Smoothing">,
            render_smoothing},
    Command{"smoothtime", Group::clock, "activate|reset", "Start smoothing served time, or let it jump",
            smoothtime},
    Command{"sourcename", Group::reports, "ADDRESS", "The configured name of the source with this address",
            sourcename, render_sourcename},
    Command{"sources", Group::reports, "[-a] [-v]", "The sources: state, reach, last sample",
            plain<"Sources">, render_sources, Flags::listing},
    Command{"sourcestats", Group::reports, "[-a] [-v]", "Estimated drift and offset of each source",
            plain<"SourceStats">, render_sourcestats, Flags::listing},
    Command{"timeout", Group::session, "MILLISECONDS", "How long to wait for gnomond", timeout},
    Command{"tracking", Group::reports, "", "The system clock: offset, frequency, error", plain<"Tracking">,
            render_tracking},
    Command{"trimrtc", Group::clock, "", "Set the real-time clock to the system time", plain<"TrimRtc">},
    Command{"wait", Group::explain, "[--max-error TIME] [--timeout TIME]",
            "Wait until the clock is synchronised, and no further from the time than that", wait_until_good,
            render_done, Flags::wait,
            "  gnomonctl wait                                  until it is synchronised\n"
            "  gnomonctl wait --max-error 10ms --timeout 2min  well, and soon\n"
            "Exit status: 0 reached, 1 not within the timeout"},
    Command{"waitsync", Group::reports, "[MAX-TRIES [MAX-CORRECTION [MAX-SKEW [INTERVAL]]]]",
            "Wait until the clock follows a source", waitsync},
    Command{"watch", Group::explain, "[--once] [--utc]", "The clock and its sources, live in the terminal",
            watch_daemon, render_done, Flags::watch,
            "  gnomonctl watch         until q; + and - make the curves longer and shorter\n"
            "  gnomonctl watch --once  one picture, for scripts and bug reports"},
    Command{"why-not-synchronised", Group::explain, "",
            "What keeps the clock from being synchronised, and what to do", why_not, render_why,
            Flags::common,
            "  gnomonctl why-not-synchronised && echo all is well\n"
            "Exit status: 0 synchronised, 1 not synchronised, 2 the daemon could not be asked"},
    Command{"writertc", Group::clock, "", "Write the real-time clock's drift to its file", plain<"WriteRtc">},
};
static_assert(std::ranges::is_sorted(rows, {},
                                     [](const Command& row) { return std::string_view{row.name}; }));

}  // namespace

std::span<const Command> commands() {
  return rows;
}

}  // namespace gnomon::ctl
