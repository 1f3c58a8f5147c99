// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdlib>
#include <initializer_list>
#include <vector>

#include "ctl/command_line.hpp"
#include "ctl/commands.hpp"
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
  for (const auto* word : {"help", "--help", "-h"}) {
    const auto help = parse({word});
    REQUIRE_FALSE(help.has_value());
    CHECK(help.error().status == 0);
    CHECK(help.error().text.find("serverstats") != std::string::npos);
  }
}

TEST_CASE("an unknown word is named") {
  CHECK(parse({"bogus"}).error().text.starts_with("gnomonctl: unknown word 'bogus'\n"));
  CHECK(parse({"tracking", "-a"}).error().text.starts_with("gnomonctl: unknown word '-a'\n"));
}

TEST_CASE("what cannot be understood fails and points to help") {
  for (const auto& words : std::vector<std::vector<const char*>>{{"gnomonctl"},
                                                                 {"gnomonctl", "bogus"},
                                                                 {"gnomonctl", "sources", "-z"},
                                                                 {"gnomonctl", "tracking", "-a"},
                                                                 {"gnomonctl", "-c", "--json", "sources"},
                                                                 {"gnomonctl", "ntpdata", "a", "b"}}) {
    const auto wrong = parse_command_line(static_cast<int>(words.size()), words.data());
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().status == 1);
    CHECK(wrong.error().text.ends_with("Try: gnomonctl help\n"));
  }
}
