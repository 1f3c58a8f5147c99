// SPDX-License-Identifier: GPL-2.0-or-later
// What scripts written for chronyc give: -h, -m, ignored options, and commands on standard input.
#include "ctl/session/session.hpp"

#include <initializer_list>

#include "ctl/command_line.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;
using Strings = std::vector<std::string>;

namespace {

auto parse(std::initializer_list<const char*> words) {
  std::vector<const char*> arguments{"gnomonctl"};
  arguments.insert(arguments.end(), words);
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

TEST_CASE("the line of chrony-wait.service is a command, to this machine's daemon") {
  CHECK_FALSE(session_of({"-h", "127.0.0.1,::1", "waitsync", "0", "0.1", "0", "1"}));
  const auto request = parse({"-h", "127.0.0.1,::1", "waitsync", "0", "0.1", "0", "1"});
  REQUIRE(request);
  CHECK(request->command->name == std::string{"waitsync"});
  REQUIRE(request->call.wait);
  CHECK(request->call.wait->max_tries == 0);
  CHECK(request->call.wait->max_correction == 0.1);
  CHECK(request->call.wait->max_skew == 0);
  CHECK(request->call.wait->interval.count() == 1);
  CHECK(request->socket == "/run/gnomon/control");
}

TEST_CASE("-h names this machine, chronyd's socket, or the path of a control socket; others are told how") {
  CHECK(socket_of_hosts("localhost").value() == std::nullopt);
  CHECK(socket_of_hosts("127.0.0.1,::1").value() == std::nullopt);
  CHECK(socket_of_hosts("/run/chrony/chronyd.sock").value() == std::nullopt);
  CHECK(socket_of_hosts("/run/other/control").value() == "/run/other/control");
  for (const auto* const other : {"192.0.2.1", "192.0.2.1,::1", "127.0.0.5", "ntp.example.net", ""})
    CHECK(socket_of_hosts(other).error().find("ssh HOST gnomonctl") != std::string::npos);
  CHECK(socket_of_hosts("/run/other/chronyd.sock").error().find("--socket") != std::string::npos);
  CHECK(parse({"-h", "ntp.example.net", "tracking"}).error().status == 1);
  CHECK(parse({"-h", "/tmp/control", "tracking"})->socket == "/tmp/control");
}

TEST_CASE("options of chronyc that have no meaning here are taken") {
  const auto request =
      parse({"-a", "-4", "-6", "-d", "-p", "323", "-f", "/etc/chrony.conf", "-u", "root", "-n", "sources"});
  REQUIRE(request);
  CHECK(request->command->name == std::string{"sources"});
}

TEST_CASE("another port is another daemon, unless a path comes before it") {
  CHECK(wrong_port("", "").empty());
  CHECK(wrong_port("323", "127.0.0.1").empty());
  CHECK(wrong_port("3230", "/run/chrony/chronyd.sock,127.0.0.1").empty());
  for (const auto* const hosts : {"", "localhost", "127.0.0.1,/run/chrony/chronyd.sock"})
    CHECK(wrong_port("3230", hosts).find("what listens on 3230 may be another daemon") != std::string::npos);
  for (const auto& request : {parse({"-p", "3230", "shutdown"}), parse({"-p3230", "tracking"})}) {
    REQUIRE_FALSE(request);
    CHECK(request.error().status == 1);
  }
  CHECK(parse({"-h", "/run/chrony/chronyd.sock", "-p", "3230", "tracking"}));
}

TEST_CASE("an option without its value, or only that, is an error") {
  for (const auto* option : {"-h", "-p", "-f", "-u", "--socket"}) {
    INFO(option);
    CHECK_FALSE(session_of({option}));
    CHECK(parse({option}).error().status == 1);
    CHECK(parse({"tracking", option}).error().status == 1);
  }
}

TEST_CASE("with -m each word is a command") {
  const auto session = session_of({"-n", "-m", "sources -v", "tracking"});
  REQUIRE(session);
  CHECK(session->options == Strings{"-n"});
  CHECK(session->commands == Strings{"sources -v", "tracking"});
  CHECK_FALSE(session->from_input);
  const auto cluster = session_of({"-cm", "tracking"});
  REQUIRE(cluster);
  CHECK(cluster->options == Strings{"-c"});
}

TEST_CASE("without a command they come from standard input, with the options of the run") {
  CHECK(session_of({})->from_input);
  const auto session = session_of({"-c", "-h", "::1"});
  REQUIRE(session);
  CHECK(session->from_input);
  CHECK(session->options == Strings{"-c", "-h", "::1"});
  CHECK_FALSE(session_of({"--help"}));
  CHECK_FALSE(session_of({"-v"}));
  CHECK_FALSE(session_of({"sources", "-m"}));
}

TEST_CASE("a command in quotes is a line, as chronyc joins its arguments") {
  CHECK(as_one_line({"-a", "burst 4/4"}) == Strings{"-a", "burst", "4/4"});
  CHECK(as_one_line({"-c", "makestep 0.1", " 3"}) == Strings{"-c", "makestep", "0.1", "3"});
  CHECK(as_one_line({"waitsync 3 0.5 0 1"}) == Strings{"waitsync", "3", "0.5", "0", "1"});
  CHECK(as_one_line({"sources", "-v"}) == Strings{"sources", "-v"});
  CHECK(as_one_line({""}) == std::nullopt);
  CHECK(as_one_line({"-n", "# sources"}) == std::nullopt);
  CHECK(as_one_line({"--help"}) == Strings{"--help"});
  CHECK(parse({"-a", "burst 4/4"}).has_value() == false);  // until it is split
}

TEST_CASE("times and paths of gnomonctl's own commands keep their blanks") {
  CHECK(as_one_line({"events", "--since", "2026-11-29 16:30"}) ==
        Strings{"events", "--since", "2026-11-29 16:30"});
  CHECK(as_one_line({"check-config", "/etc/my clock.conf"}) == Strings{"check-config", "/etc/my clock.conf"});
  CHECK(as_one_line({"tracking", "--socket", "/run/a b"}) == Strings{"tracking", "--socket", "/run/a b"});
}

TEST_CASE("a line is words; comments and empty lines are none") {
  CHECK(words_of_line("  sources -v\t\r") == Strings{"sources", "-v"});
  CHECK(words_of_line("# sources").empty());
  CHECK(words_of_line("").empty());
}

TEST_CASE("an option of chronyc is taken out of those before the command") {
  const auto without = [](Strings words, bool was_there) {
    CHECK(take_option(words, 'e') == was_there);
    return words;
  };
  CHECK(without({"-e", "tracking"}, true) == Strings{"tracking"});
  CHECK(without({"-n", "-e", "-c", "sources", "-e"}, true) == Strings{"-n", "-c", "sources", "-e"});
  CHECK(without({"-nem", "tracking"}, true) == Strings{"-nm", "tracking"});
  CHECK(without({"-h", "-e", "tracking"}, false) == Strings{"-h", "-e", "tracking"});
  CHECK(without({"-hserver", "--version"}, false) == Strings{"-hserver", "--version"});
  CHECK(without({}, false).empty());
  CHECK(without({"-h"}, false) == Strings{"-h"});
}
