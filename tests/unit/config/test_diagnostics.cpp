// SPDX-License-Identifier: GPL-2.0-or-later
// What is said about a wrong configuration: all of it at once, each with its place and a way out.
#include "config/table.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/config/files.hpp"

using namespace gnomon::config;

namespace {

struct Wrong {
  const char* line;
  const char* said;
};

}  // namespace

TEST_CASE("a mistake is reported with its place, its word and what was probably meant") {
  const auto [line, said] = GENERATE(values<Wrong>({
      {"server a ibrust", "g.conf:1:10: unknown option 'ibrust' in server directive, did you mean 'iburst'?"},
      {"  portt 123", "g.conf:1:3: unknown directive 'portt', did you mean 'port'?"},
      {"banana", "g.conf:1:1: unknown directive 'banana'"},
      {"port", "g.conf:1:1: missing argument for port directive: PORT"},
      {"port 99999",
       "g.conf:1:6: invalid value '99999' for port directive: must be a whole number from 0 to 65535"},
      {"port -1",
       "g.conf:1:6: invalid value '-1' for port directive: must be a whole number from 0 to 65535"},
      {"port 12x",
       "g.conf:1:6: invalid value '12x' for port directive: must be a whole number from 0 to 65535"},
      {"port 1.5",
       "g.conf:1:6: invalid value '1.5' for port directive: must be a whole number from 0 to 65535"},
      {"port +-1",
       "g.conf:1:6: invalid value '+-1' for port directive: must be a whole number from 0 to 65535"},
      {"port 123 124", "g.conf:1:10: too many arguments for port directive: '124'"},
      {"port 123 ; NTP",
       "g.conf:1:10: too many arguments for port directive: ';' (a comment after a directive begins with #)"},
      {"rtcsync yes", "g.conf:1:9: too many arguments for rtcsync directive: 'yes'"},
      {"maxdistance nan",
       "g.conf:1:13: invalid value 'nan' for maxdistance directive: must be a number, 0 or more"},
      {"maxjitter -0.1",
       "g.conf:1:11: invalid value '-0.1' for maxjitter directive: must be a number, 0 or more"},
      {"makestep 1", "g.conf:1:10: missing argument for makestep directive: SECONDS LIMIT"},
      {"server", "g.conf:1:1: missing argument for server directive: NAME [OPTION]..."},
      {"server a minpoll", "g.conf:1:10: missing argument for minpoll in server directive: LOG2"},
      {"pool a version 5",
       "g.conf:1:16: invalid value '5' for version in pool directive: must be a whole number from 1 to 4"},
      {"server a polltarget 0",
       "g.conf:1:21: invalid value '0' for polltarget in server directive: must be a whole number, 1 or "
       "more"},
      {"local stratum 16",
       "g.conf:1:15: invalid value '16' for stratum in local directive: must be a whole number from 1 to 15"},
      {"authselectmode mxi",
       "g.conf:1:16: invalid value 'mxi' for authselectmode directive: must be require, prefer, mix or "
       "ignore, "
       "did you mean 'mix'?"},
      {"log traking",
       "g.conf:1:5: invalid value 'traking' for log directive: must be the name of a log such as tracking, "
       "did you "
       "mean 'tracking'?"},
      {"log Tracking",
       "g.conf:1:5: invalid value 'Tracking' for log directive: must be the name of a log such as tracking, "
       "did you "
       "mean 'tracking'?"},
      {"bindaddress ntp.example",
       "g.conf:1:13: invalid value 'ntp.example' for bindaddress directive: must be an IPv4 or IPv6 address"},
      {"ratelimit kdo 1", "g.conf:1:11: unknown option 'kdo' in ratelimit directive, did you mean 'kod'?"},
      {"ntsratelimit kod 1", "g.conf:1:14: unknown option 'kod' in ntsratelimit directive"},
      {"driftfile /d intervall 5",
       "g.conf:1:14: unknown option 'intervall' in driftfile directive, did you mean 'interval'?"},
      {"ntpworkers 65",
       "g.conf:1:12: invalid value '65' for ntpworkers directive: must be a whole number from 0 to 64"},
      {"server a extfield F325",
       "g.conf:1:19: invalid value 'F325' for extfield in server directive: must be 10A, F323 or F324, did "
       "you mean "
       "'F323'?"},
      {"refclock SHM", "g.conf:1:10: missing argument for refclock directive: DRIVER PARAMETER [OPTION]..."},
      {"refclock GPS 0",
       "g.conf:1:10: invalid value 'GPS' for refclock directive: must be one of PPS, SHM, SOCK, PHC and RTC"},
      {"server a nts maxntsretry 20",
       "g.conf:1:26: invalid value '20' for maxntsretry in server directive: must be a whole number from -32 "
       "to 19"},
      {"refclock PPS /dev/pps0 refid TOOLONG",
       "g.conf:1:30: invalid value 'TOOLONG' for refid in refclock directive: must be at most four "
       "characters"},
      {"confdir a b c d e f g h i j k", "g.conf:1:29: too many arguments for confdir directive: 'k'"},
  }));
  CAPTURE(line);
  const auto all = complaints(line);
  REQUIRE(all.size() == 1);
  CHECK(all.front() == said);
}

TEST_CASE("all mistakes of all files come at once, in reading order") {
  const auto all = complaints("prot 1\ninclude more.conf\nport x\n", {{"more.conf", "\n\n  rtcsync 1\n"}});
  CHECK(all ==
        std::vector<std::string>{
            "g.conf:1:1: unknown directive 'prot', did you mean 'port'?",
            "more.conf:3:11: too many arguments for rtcsync directive: '1'",
            "g.conf:3:6: invalid value 'x' for port directive: must be a whole number from 0 to 65535"});
}

TEST_CASE("an argument of the command line is named by its number") {
  const auto parsed = parse_lines({"port 123", "serverr a"}, files_of({}));
  REQUIRE_FALSE(parsed);
  REQUIRE(parsed.error().size() == 1);
  CHECK(to_text(parsed.error().front()) ==
        "argument 2, column 1: unknown directive 'serverr', did you mean 'server'?");
}

TEST_CASE("a certificate without a key is reported where it is named, and the other way round") {
  CHECK(complaints("ntsservercert a\nntsserverkey k\n ntsservercert b\n") ==
        std::vector<std::string>{"g.conf:3:2: ntsservercert 'b' has no ntsserverkey"});
  CHECK(complaints("ntsrotate 0\n ntskeysecret s") ==
        std::vector<std::string>{"g.conf:2:2: ntskeysecret derives a key for each period of `ntsrotate`, and "
                                 "`ntsrotate 0` has no periods"});
  CHECK(complaints("ntsserverkey k") ==
        std::vector<std::string>{"g.conf:1:1: ntsserverkey 'k' has no ntsservercert"});
}

TEST_CASE("a line may have 2047 characters and not one more") {
  const std::string name(2047 - 7, 'a');
  CHECK(complaints("logdir " + name).empty());
  const auto all = complaints("logdir " + name + "a");
  REQUIRE(all.size() == 1);
  CHECK(all.front() == "g.conf:1:1: the line is longer than 2047 characters or not text");
}

TEST_CASE("a zero octet is no text") {
  CHECK(complaints(std::string("po\0rt 1", 7)).size() == 1);
}

TEST_CASE("a file that is no configuration is given up after two hundred mistakes") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "zzzzzzzz\n";
  const auto all = complaints(text);
  REQUIRE(all.size() == 201);
  CHECK(all.back() == "g.conf:201:1: too many errors, the rest was not read");
}

TEST_CASE("a configuration file that is not there is said so") {
  const auto parsed = parse_file("/no/such.conf", files_of({}));
  REQUIRE_FALSE(parsed);
  CHECK(to_text(parsed.error().front()) == "could not read '/no/such.conf': No such file or directory");
}

TEST_CASE("a line that is refused changes nothing, whatever its directive and wherever its mistake is") {
  const std::string good = "allow\nport 11123\nserver a nts\nntsservercert /c\nntsserverkey /k\n";
  const auto expected = config_of(good);
  int refused = 0;
  for (const auto& entry : table())
    for (const char* const words :
         {"", "70000", "-1", "123x", "192.0.2.1 1 x y z", "1 1 1 1 1 1 1", "a b nonsense"}) {
      const auto examined =
          examine_file("g.conf", files_of({{"g.conf", good + std::string{entry.row.name} + " " + words}}));
      if (examined.diagnostics.empty()) continue;
      ++refused;
      INFO(entry.row.name << " " << words);
      CHECK(examined.parsed.config == expected);
    }
  CHECK(refused > 300);
}
