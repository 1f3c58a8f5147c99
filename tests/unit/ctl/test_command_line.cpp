// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdlib>
#include <ctime>
#include <initializer_list>
#include <set>
#include <string>
#include <vector>

#include <boost/json/serialize.hpp>

#include "ctl/command_line.hpp"
#include "ctl/render/wall_time.hpp"
#include "ctl/run.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;

namespace {
auto parse(std::vector<const char*> words) {
  std::vector<const char*> arguments{"gnomonctl"};
  arguments.insert(arguments.end(), words.begin(), words.end());
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

// GNOMON_CONTROL for the time of one test.
struct Environment {
  explicit Environment(const char* path) { ::setenv("GNOMON_CONTROL", path, 1); }
  ~Environment() { ::unsetenv("GNOMON_CONTROL"); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
};
}  // namespace

TEST_CASE("each command asks its own method") {
  CHECK(parse({"tracking"})->call.method == "Tracking");
  CHECK(parse({"sources"})->call.method == "Sources");
  CHECK(parse({"sourcestats"})->call.method == "SourceStats");
  CHECK(parse({"authdata"})->call.method == "AuthData");
  CHECK(parse({"ntpdata"})->call.method == "NtpData");
  CHECK(parse({"activity"})->call.method == "Activity");
  CHECK(parse({"serverstats"})->call.method == "ServerStats");
  CHECK(parse({"rekey"})->call.method == "Rekey");
  CHECK(parse({"shutdown"})->call.method == "Shutdown");
  CHECK(parse({"cyclelogs"})->call.method == "CycleLogs");
}

TEST_CASE("the socket comes from --socket, else from the environment, else it is the usual one") {
  CHECK(parse({"tracking"})->socket == "/run/gnomon/control");
  const Environment environment("/tmp/from-environment");
  CHECK(parse({"tracking"})->socket == "/tmp/from-environment");
  CHECK(parse({"--socket", "/tmp/given", "tracking"})->socket == "/tmp/given");
}

TEST_CASE("options stand before or after the command, and -v means what its place says") {
  CHECK(parse({"sources", "--json"})->json);
  CHECK(parse({"-n", "sources", "-a", "-v"})->view.verbose);
  CHECK(parse({"sources", "-n"})->view.naming.style == NameStyle::numeric);
  const auto version = parse({"-v"});
  REQUIRE_FALSE(version.has_value());
  CHECK(version.error().status == 0);
  CHECK(version.error().text.starts_with("gnomonctl (gnomon) version "));
}

TEST_CASE("names are looked up in DNS unless told otherwise, and never for CSV") {
  CHECK(parse({"sources"})->view.naming.style == NameStyle::reverse);
  CHECK(parse({"-c", "sources"})->view.naming.style == NameStyle::numeric);
  CHECK(parse({"-N", "-c", "sources"})->view.naming.style == NameStyle::configured);
}

TEST_CASE("help lists the commands and succeeds") {
  for (const auto* word : {"help", "--help"}) {
    const auto help = parse({word});
    REQUIRE_FALSE(help.has_value());
    CHECK(help.error().status == 0);
    CHECK(help.error().text.find("serverstats") != std::string::npos);
  }
}

TEST_CASE("help says what to begin with, and has the commands by what they are for") {
  const auto text = parse({"help"}).error().text;
  const auto begin = text.find("  gnomonctl explain  ");
  REQUIRE(begin != std::string::npos);
  std::size_t before = begin;
  for (const char* const headline : {"\n\nUsage: ", "\nFor scripts written for chronyc:\n",
                                     "\nWhat is going on, and why:\n", "\nReports, as chronyc has them:\n",
                                     "\nChanges of sources, for operators:\n", "\nWithout the daemon:\n"}) {
    const auto at = text.find(headline);
    INFO(headline);
    REQUIRE(at != std::string::npos);
    CHECK(at > before);
    before = at;
  }
  CHECK(text.find("\n  watch ") < text.find("\n  accheck "));
}

TEST_CASE("what explains shows how, in its own help") {
  for (const Command& row : commands()) {
    if (row.group != Group::explain) continue;
    INFO(row.name);
    CHECK(parse({row.name, "--help"}).error().text.find("\nExamples:\n  gnomonctl ") != std::string::npos);
  }
}

TEST_CASE("help shows the words of each command, and tells more about one") {
  const auto text_of = [](std::initializer_list<const char*> words) { return parse(words).error().text; };
  CHECK(text_of({"help"}).find("[--for TIME] [--force] FILE") != std::string::npos);
  CHECK(text_of({"help"}).find("[-a] [-v]: The sources") != std::string::npos);
  CHECK(text_of({"help", "record"}) == text_of({"record", "--help"}));
  CHECK(parse({"help", "record"}).error().status == 0);
  CHECK(text_of({"help", "recrod"})
            .starts_with("gnomonctl: help: unknown command 'recrod', did you mean 'record'?\n"));
  CHECK(parse({"help", "recrod"}).error().status == 1);
  CHECK(text_of({"help", "sources", "tracking"}).find("unexpected argument 'tracking'") != std::string::npos);
}

TEST_CASE("a value that is empty or negative is no length of time") {
  CHECK(parse({"record", "--for", "10s", "f"})->call.recording->length == 10);
  for (const char* const length : {"", "-1s", "0"}) CHECK_FALSE(parse({"record", "--for", length, "f"}));
  const auto negative = parse({"record", "--for", "-1s", "f"});
  CHECK(negative.error().text.starts_with("gnomonctl: record: '-1s' is not a length of time"));
  CHECK_FALSE(parse({"wait", "--timeout", ""}));
  CHECK_FALSE(parse({"events", "--since", ""}));
  CHECK_FALSE(parse({"report", "-o", "f", "--since", ""}));
  CHECK_FALSE(parse({"probe", "--timeout", "", "a.example"}));
}

TEST_CASE("what a wrong command line is told names the word, what is expected, and where the help is") {
  struct Wrong {
    std::vector<const char*> words;
    const char* told;  // behind "gnomonctl: "
    int status = 1;
  };
  const std::vector<Wrong> all{
      // Before the command.
      {{}, "a command is missing"},
      {{"bogus"}, "unknown command 'bogus'"},
      {{"trakcing"}, "unknown command 'trakcing', did you mean 'tracking'?"},
      {{"-z", "tracking"}, "tracking: unknown option '-z'"},
      {{"--jsno", "tracking"}, "tracking: unknown option '--jsno', did you mean '--json'?"},
      {{"-h"}, "-h must be followed by HOST[,HOST]..."},
      {{"-p"}, "-p must be followed by PORT"},
      {{"-f"}, "-f must be followed by FILE"},
      {{"-u"}, "-u must be followed by USER"},
      {{"--socket"}, "--socket must be followed by PATH"},
      {{"--json=maybe", "tracking"}, "--json takes no value"},
      {{"--no-pager=3", "tracking"}, "--no-pager takes no value"},
      {{"-c", "--json", "sources"}, "sources: -c and --json are two forms of output: give one of them"},
      {{"-h", "time.example.net", "tracking"},
       "-h: 'time.example.net' is not this machine's daemon, and gnomonctl uses its control socket only. "
       "Run the command there, as in `ssh HOST gnomonctl tracking`"},
      // Each command.
      {{"accheck"}, "accheck: missing argument"},
      {{"accheck", "a b"}, "accheck: 'a b' is neither an address nor a host that can be resolved"},
      {{"activity", "x"}, "activity: unexpected argument 'x'"},
      {{"add", "sever", "a"}, "add: what follows must be server, pool or peer, and a name"},
      {{"allow", "a b"},
       "allow: 'a b' is neither an address, nor a subnet such as 192.0.2.0/24, nor a host that can be "
       "resolved"},
      {{"authdata", "x"}, "authdata: unexpected argument 'x'"},
      {{"burst"}, "burst: missing argument"},
      {{"burst", "8/4"}, "burst: '8/4' is not GOOD/MOST, as in 4/8"},
      {{"certificates", "x"}, "certificates: unexpected argument 'x'"},
      {{"check-config", "a", "b"}, "check-config: unexpected argument 'b'", 2},
      {{"check-config", "--reslove"},
       "check-config: unknown option '--reslove', did you mean '--resolve'?",
       2},
      {{"clients", "-p", "x"}, "clients: -p needs a number of requests, as in -p 10"},
      {{"clients", "-x"}, "clients: unexpected argument '-x'"},
      {{"cmdaccheck"}, "cmdaccheck: missing argument"},
      {{"cmdallow", "all", "a b"},
       "cmdallow: 'a b' is neither an address, nor a subnet such as 192.0.2.0/24, nor a host that can be "
       "resolved"},
      {{"cmddeny", "all", "::1", "x"}, "cmddeny: unexpected argument 'x'"},
      {{"cyclelogs", "x"}, "cyclelogs: unexpected argument 'x'"},
      {{"delete"}, "delete: missing argument"},
      {{"deny", "10/8", "x"}, "deny: unexpected argument 'x'"},
      {{"dfreq", "fast"}, "dfreq: 'fast' is not a number"},
      {{"dns", "-x"}, "dns: what follows must be -n, +n, -4, -6 or -46"},
      {{"doffset"}, "doffset: missing argument"},
      {{"dump", "x"}, "dump: unexpected argument 'x'"},
      {{"events", "--lines"}, "events: --lines must be followed by NUMBER", 2},
      {{"events", "--lines", "x"}, "events: 'x' is not a number of lines, a whole number from 0 on", 2},
      {{"events", "--lines", "-3"}, "events: '-3' is not a number of lines, a whole number from 0 on", 2},
      {{"events", "--lines", "4294967296"},
       "events: '4294967296' is not a number of lines, a whole number from 0 on",
       2},
      {{"events", "--since", ""}, "events: --since must be followed by TIME", 2},
      {{"events", "--since", "soon"}, "events: 'soon' is not a time, as in 2h, yesterday or 16:30", 2},
      {{"events", "--follow=x"}, "events: --follow takes no value", 2},
      {{"exit", "x"}, "exit: unexpected argument 'x'"},
      {{"explain", "a", "b"}, "explain: unexpected argument 'b'", 2},
      {{"explain", "-z"}, "explain: unknown option '-z'", 2},
      {{"help", "trakcing"}, "help: unknown command 'trakcing', did you mean 'tracking'?"},
      {{"keygen", "0"}, "keygen: '0' is no key ID (1 to 4294967295)"},
      {{"local", "statum", "3"}, "local: unknown option 'statum'"},
      {{"makestep", "1"}, "makestep: missing argument"},
      {{"manual", "of"}, "manual: what follows must be on, off, reset, list, or delete INDEX"},
      {{"maxdelay", "192.0.2.1"}, "maxdelay: missing argument"},
      {{"maxdelaydevratio", "192.0.2.1", "x"}, "maxdelaydevratio: 'x' is not a number"},
      {{"maxdelayratio", "192.0.2.1", "x"}, "maxdelayratio: 'x' is not a number"},
      {{"maxpoll", "192.0.2.1", "x"}, "maxpoll: 'x' is not a number"},
      {{"maxupdateskew"}, "maxupdateskew: missing argument"},
      {{"metrics", "xml"}, "metrics: 'xml' is not openmetrics or prometheus", 2},
      {{"minpoll", "192.0.2.1", "x"}, "minpoll: 'x' is not a number"},
      {{"minstratum", "192.0.2.1"}, "minstratum: missing argument"},
      {{"ntpdata", "a", "b"}, "ntpdata: unexpected argument 'b'"},
      {{"offline", "x/y"},
       "offline: 'x/y' is neither an address, nor MASK/ADDRESS, nor the name of a source"},
      {{"offset", "192.0.2.1", "x"}, "offset: 'x' is not a number"},
      {{"online", "255.0.255.0/10.0.0.1"},
       "online: '255.0.255.0/10.0.0.1' is neither an address, nor MASK/ADDRESS, nor the name of a source"},
      {{"onoffline", "x"}, "onoffline: unexpected argument 'x'"},
      {{"polltarget", "192.0.2.1", "x"}, "polltarget: 'x' is not a number"},
      {{"probe"}, "probe: missing argument", 3},
      {{"probe", "a", "b"}, "probe: unexpected argument 'b'", 3},
      {{"probe", "--port", "0", "a"}, "probe: '0' is not a port, a whole number from 1 to 65535", 3},
      {{"probe", "--ke-port", "65536", "a"},
       "probe: '65536' is not a port, a whole number from 1 to 65535",
       3},
      {{"probe", "--source-port", "x", "a"}, "probe: 'x' is not a port, a whole number from 1 to 65535", 3},
      {{"probe", "a", "--port"}, "probe: --port must be followed by PORT", 3},
      {{"probe", "--nts", "--no-nts", "a"},
       "probe: --nts and --no-nts contradict each other: give one of them",
       3},
      {{"probe", "--warning", "x", "a"}, "probe: 'x' is not a length of time, as in 500ms or 1min", 3},
      {{"probe", "a", "--trusted"}, "probe: --trusted must be followed by PATH", 3},
      {{"quit", "x"}, "quit: unexpected argument 'x'"},
      {{"record"}, "record: missing argument", 2},
      {{"record", "f", "--for", "x"}, "record: 'x' is not a length of time, as in 10min or 1h", 2},
      {{"record", "f", "--lines", "x"}, "record: unknown option '--lines'", 2},
      {{"refclocks", "x"}, "refclocks: unexpected argument 'x'"},
      {{"refresh", "x"}, "refresh: unexpected argument 'x'"},
      {{"rekey", "x"}, "rekey: unexpected argument 'x'"},
      {{"reload", "x"}, "reload: what follows must be the word 'sources'"},
      {{"reload", "--dry-run", "sources"}, "reload: --dry-run is for the whole configuration"},
      {{"report"}, "report: -o names the page that is written", 2},
      {{"report", "-o"}, "report: -o, --output must be followed by FILE", 2},
      {{"reselect", "x"}, "reselect: unexpected argument 'x'"},
      {{"reselectdist", "x"}, "reselectdist: 'x' is not a number"},
      {{"reset"}, "reset: what follows must be the word 'sources'"},
      {{"retries", "x"}, "retries: 'x' is not a whole number from 0 to 1000"},
      {{"rtcdata", "x"}, "rtcdata: unexpected argument 'x'"},
      {{"selectdata", "-x"}, "selectdata: unknown option '-x'"},
      {{"selectopts", "192.0.2.1"}, "selectopts: missing argument"},
      {{"serverstats", "x"}, "serverstats: unexpected argument 'x'"},
      {{"settime", "x"},
       "settime: 'x' is not a time, such as 16:30, 16:30:05, 2026-11-23 16:30:05 or Nov 23, 2026 16:30:05"},
      {{"shutdown", "x"}, "shutdown: unexpected argument 'x'"},
      {{"smoothing", "x"}, "smoothing: unexpected argument 'x'"},
      {{"smoothtime", "x"},
       "smoothtime: what follows must be 'activate', which starts smoothing, or 'reset'"},
      {{"sourcename"}, "sourcename: missing argument"},
      {{"sources", "x"}, "sources: unexpected argument 'x'"},
      {{"sourcestats", "x"}, "sourcestats: unexpected argument 'x'"},
      {{"timeout", "0"}, "timeout: '0' is not a whole number from 1 to 3600000"},
      {{"tracking", "x"}, "tracking: unexpected argument 'x'"},
      {{"trimrtc", "x"}, "trimrtc: unexpected argument 'x'"},
      {{"wait", "--max-error", "x"}, "wait: 'x' is not a length of time, as in 10ms", 2},
      {{"wait", "--max-error", "0"}, "wait: no clock is known to be right within 0", 2},
      {{"wait", "--timeout"}, "wait: --timeout must be followed by TIME", 2},
      {{"waitsync", "x"}, "waitsync: 'x' is not a number from 0 to 4294967295"},
      {{"waitsync", "1", "-1"}, "waitsync: '-1' is not a number from 0 on"},
      {{"watch", "x"}, "watch: unexpected argument 'x'", 2},
      {{"why-not-synchronised", "x"}, "why-not-synchronised: unexpected argument 'x'", 2},
      {{"writertc", "x"}, "writertc: unexpected argument 'x'"}};
  std::set<std::string> commands_here;
  for (const auto& each : all) {
    const auto wrong = parse(each.words);
    REQUIRE_FALSE(wrong.has_value());
    const auto& text = wrong.error().text;
    INFO(text);
    CHECK(text.substr(0, text.find('\n')) == std::string{"gnomonctl: "} + each.told);
    CHECK(wrong.error().status == each.status);
    if (!text.contains("ssh HOST")) CHECK(text.contains("\nTry: gnomonctl help"));
    commands_here.emplace(text.begin() + 11, text.begin() + static_cast<std::ptrdiff_t>(text.find(':', 11)));
  }
  for (const auto& command : commands()) {
    INFO(command.name);
    CHECK(commands_here.contains(command.name));
  }
}

TEST_CASE("who has found the command is sent to its own help") {
  CHECK(parse({"bogus"}).error().text.ends_with("Try: gnomonctl help\n"));
  CHECK(parse({"tracking", "-z"}).error().text.ends_with("Try: gnomonctl help tracking\n"));
  CHECK(parse({"events", "--lines", "-3"}).error().text.ends_with("Try: gnomonctl help events\n"));
  CHECK(parse({"ntpdata", "a", "b"}).error().text.ends_with("Try: gnomonctl help ntpdata\n"));
  CHECK(parse({"help", "bogus"}).error().text.ends_with("Try: gnomonctl help\n"));
}

TEST_CASE("commands take their words as chronyc does, negative numbers too") {
  const auto call = [](std::initializer_list<const char*> words) -> std::expected<MethodCall, Outcome> {
    auto request = parse(words);
    if (!request) return std::unexpected(request.error());
    return request->call;
  };
  CHECK(call({"makestep"})->method == "MakeStep");
  const auto steps = call({"makestep", "0.1", "-1"});
  CHECK(steps->method == "AllowSteps");
  CHECK(boost::json::serialize(steps->parameters) == R"({"threshold":1E-1,"limit":-1E0})");
  CHECK_FALSE(call({"makestep", "1"}));
  CHECK(call({"doffset", "-0.5"})->parameters.at("offset").as_double() == -0.5);
  CHECK(call({"dfreq", "2", "--json"})->parameters.at("frequency").as_double() == 2);
  CHECK_FALSE(call({"dfreq", "fast"}));
  CHECK(call({"offset", "192.0.2.1", "-0.5"})->parameters.at("value").as_double() == -0.5);
  CHECK(call({"local", "off"})->parameters.at("on") == false);
  const auto local = call({"local", "stratum", "8", "orphan", "waitsynced", "60"});
  CHECK(boost::json::serialize(local->parameters) ==
        R"({"on":true,"stratum":8E0,"orphan":true,"wait_synced":6E1})");
  CHECK_FALSE(call({"local", "stratum"}));
  CHECK(call({"manual", "on"})->method == "SetManual");
  CHECK(call({"manual", "list"})->method == "ManualList");
  CHECK(call({"manual", "delete", "2"})->method == "DeleteManual");
  CHECK_FALSE(call({"manual"}));
  CHECK(call({"reselect"})->method == "Reselect");
  CHECK(call({"reselectdist", "0.01"})->method == "SetReselectDistance");
  CHECK(call({"maxupdateskew", "5"})->method == "SetMaxUpdateSkew");
  CHECK(call({"settime", "2026-11-23", "16:30"})->method == "SetTime");
  const auto wrong = call({"settime", "tomorrow"});
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().text.find("Usage: gnomonctl settime TIME") != std::string::npos);
}

TEST_CASE("a time is typed as a time of day, a date in ISO's order, or as chronyc's manual has it") {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  constexpr std::time_t now = 1795425000;  // 2026-11-23 09:10:00
  CHECK(parse_wall_time("16:30", now) == 1795451400);
  CHECK(parse_wall_time("16:30:05.5", now) == 1795451405.5);
  CHECK(parse_wall_time("2026-11-23 16:30", now) == 1795451400);
  CHECK(parse_wall_time("2026-11-23T16:30:05", now) == 1795451405);
  CHECK(parse_wall_time("Nov 23, 2026 16:30:05", now) == 1795451405);
  for (const char* bad : {"", "16", "24:00", "16:60", "16:30:61", "16:30:05x", "2026-02-30 10:00",
                          "2026-13-01 10:00", "Foo 1, 2026 10:00", "2026-11-23", "Nov 2026 10:00"}) {
    INFO(bad);
    CHECK_FALSE(parse_wall_time(bad, now));
  }
  ::setenv("TZ", "CET-1", 1);
  ::tzset();
  CHECK(parse_wall_time("16:30", now) == 1795447800);
  ::unsetenv("TZ");
  ::tzset();
}

TEST_CASE(
    "a probe takes its options before and after the host, and is misused with a plugin's status for that") {
  const auto wanted = parse(
      {"probe", "-6", "--nts", "--ke-port", "14460", "time.example.net", "--timeout", "5s", "--no-burst"});
  REQUIRE(wanted);
  const auto& options = *wanted->call.probe;
  CHECK(options.host == "time.example.net");
  CHECK(options.family == gnomon::base::AddressFamily::ipv6);
  CHECK(options.nts == probe::Nts::required);
  CHECK(options.port == 123);
  CHECK(options.ke_port == 14460);
  CHECK(options.timeout.count() == 5);
  CHECK_FALSE(options.burst);
  CHECK(parse({"probe", "--no-nts", "a"})->call.probe->nts == probe::Nts::without);
  CHECK(parse({"probe", "a"})->call.probe->nts == probe::Nts::if_offered);
  CHECK(parse({"probe"}).error().status == 3);
  CHECK(parse({"probe", "a", "b"}).error().status == 3);
  CHECK(parse({"probe", "--port", "0", "a"}).error().status == 3);
  CHECK(parse({"probe", "--nts", "--no-nts", "a"}).error().status == 3);
  CHECK(parse({"probe", "--timeout", "soon", "a"}).error().status == 3);
  CHECK(parse({"probe", "a\x1b[31m"}).error().status == 3);
  CHECK(parse({"makestep", "x"}).error().status == 1);
}
