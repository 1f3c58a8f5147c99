// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdlib>
#include <ctime>
#include <initializer_list>
#include <vector>

#include <boost/json/serialize.hpp>

#include "ctl/command_line.hpp"
#include "ctl/render/wall_time.hpp"
#include "ctl/run.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;

namespace {
auto parse(std::initializer_list<const char*> words) {
  std::vector<const char*> arguments{"gnomonctl"};
  arguments.insert(arguments.end(), words);
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

TEST_CASE("an unknown word is named, and the command that it is near to") {
  CHECK(parse({"trakcing"})
            .error()
            .text.starts_with("gnomonctl: unknown command or option 'trakcing', did you mean 'tracking'?\n"));
  CHECK(parse({"bogus"}).error().text.starts_with("gnomonctl: unknown command or option 'bogus'\n"));
  CHECK(parse({"tracking", "-z"}).error().text.starts_with("gnomonctl: unknown command or option '-z'\n"));
}

TEST_CASE("what cannot be understood fails and points to help") {
  for (const auto& words : std::vector<std::vector<const char*>>{{"gnomonctl"},
                                                                 {"gnomonctl", "bogus"},
                                                                 {"gnomonctl", "sources", "-z"},
                                                                 {"gnomonctl", "tracking", "-z"},
                                                                 {"gnomonctl", "-c", "--json", "sources"},
                                                                 {"gnomonctl", "ntpdata", "a", "b"}}) {
    const auto wrong = parse_command_line(static_cast<int>(words.size()), words.data());
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().status == 1);
    CHECK(wrong.error().text.find("\nTry: gnomonctl help") != std::string::npos);
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
