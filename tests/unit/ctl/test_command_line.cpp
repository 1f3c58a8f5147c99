// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdlib>
#include <ctime>
#include <initializer_list>
#include <vector>

#include <boost/json/serialize.hpp>

#include "ctl/command_line.hpp"
#include "ctl/commands.hpp"
#include "ctl/operator_commands.hpp"
#include "ctl/render/wall_time.hpp"
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
  CHECK(method_of(parse({"tracking"})->command) == "io.gnomon.Control.Tracking");
  CHECK(method_of(parse({"sources"})->command) == "io.gnomon.Control.Sources");
  CHECK(method_of(parse({"sourcestats"})->command) == "io.gnomon.Control.SourceStats");
  CHECK(method_of(parse({"authdata"})->command) == "io.gnomon.Control.AuthData");
  CHECK(method_of(parse({"ntpdata"})->command) == "io.gnomon.Control.NtpData");
  CHECK(method_of(parse({"activity"})->command) == "io.gnomon.Control.Activity");
  CHECK(method_of(parse({"serverstats"})->command) == "io.gnomon.Control.ServerStats");
  CHECK(method_of(parse({"rekey"})->command) == "io.gnomon.Control.Rekey");
  CHECK(method_of(parse({"shutdown"})->command) == "io.gnomon.Control.Shutdown");
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

TEST_CASE("an unknown word is named") {
  CHECK(parse({"bogus"}).error().text.starts_with("gnomonctl: unknown word 'bogus'\n"));
  CHECK(parse({"tracking", "-z"}).error().text.starts_with("gnomonctl: unknown word '-z'\n"));
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
    CHECK(wrong.error().text.ends_with("Try: gnomonctl help\n"));
  }
}

TEST_CASE("orders take their words as chronyc does, negative numbers too") {
  const auto order = [](std::initializer_list<const char*> words) {
    const auto request = parse(words);
    REQUIRE(request.has_value());
    REQUIRE(is_operator_command(request->command));
    return operator_command_of(request->command, request->words);
  };
  CHECK(order({"makestep"})->method == "io.gnomon.Control.MakeStep");
  const auto steps = order({"makestep", "0.1", "-1"});
  CHECK(steps->method == "io.gnomon.Control.AllowSteps");
  CHECK(boost::json::serialize(steps->parameters) == R"({"threshold":1E-1,"limit":-1E0})");
  CHECK_FALSE(order({"makestep", "1"}));
  CHECK(order({"doffset", "-0.5"})->parameters.at("offset").as_double() == -0.5);
  CHECK(order({"dfreq", "2", "--json"})->parameters.at("frequency").as_double() == 2);
  CHECK_FALSE(order({"dfreq", "fast"}));
  CHECK(order({"local", "off"})->parameters.at("on") == false);
  const auto local = order({"local", "stratum", "8", "orphan", "waitsynced", "60"});
  CHECK(boost::json::serialize(local->parameters) ==
        R"({"on":true,"stratum":8E0,"orphan":true,"wait_synced":6E1})");
  CHECK_FALSE(order({"local", "stratum"}));
  CHECK(order({"manual", "on"})->method == "io.gnomon.Control.SetManual");
  CHECK(order({"manual", "list"})->method == "io.gnomon.Control.ManualList");
  CHECK(order({"manual", "delete", "2"})->method == "io.gnomon.Control.DeleteManual");
  CHECK_FALSE(order({"manual"}));
  CHECK(order({"reselect"})->method == "io.gnomon.Control.Reselect");
  CHECK(order({"reselectdist", "0.01"})->method == "io.gnomon.Control.SetReselectDistance");
  CHECK(order({"maxupdateskew", "5"})->method == "io.gnomon.Control.SetMaxUpdateSkew");
  CHECK(order({"settime", "2026-11-23", "16:30"})->method == "io.gnomon.Control.SetTime");
  const auto wrong = order({"settime", "tomorrow"});
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().find("Usage: gnomonctl settime TIME") != std::string::npos);
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
