// SPDX-License-Identifier: GPL-2.0-or-later
// The launcher hands the core its effective lines: they must mean the same there.
#include <net/if.h>

#include "config/network.hpp"
#include "config/table.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/config/files.hpp"

using namespace gnomon::config;

namespace {

void check_round_trip(const Parsed& parsed) {
  const auto again = parse_lines(texts(parsed), files_of({}));
  REQUIRE(again);
  CHECK(again->config == parsed.config);
  CHECK(texts(*again) == texts(parsed));
}

}  // namespace

TEST_CASE("the effective lines of real configurations mean the same again, without any file") {
  const auto* name = GENERATE("debian", "redhat", "server", "fleet");
  CAPTURE(name);
  const auto parsed = parse_file(std::string{GNOMON_CONFIG_DATA "/"} + name + ".conf", real_files());
  REQUIRE(parsed);
  CHECK(parsed->lines.size() > 5);
  check_round_trip(*parsed);
}

TEST_CASE("the effective lines of included files mean the same again") {
  const auto parsed = parse_text("port 5\nconfdir /c /d\n\tinclude /e\nserver a  iburst\n",
                                 {{"/c/1.conf", "allow 1.2.3.4/8\nuser x\n"},
                                  {"/d/0.conf", "ratelimit burst 3\nntsaeads 30 99 17\n"},
                                  {"/e", "ratelimit leak 1\nntsservercert c\nntsserverkey k\nuser y"}});
  REQUIRE(parsed);
  CHECK(parsed->lines.size() == 10);
  CHECK(parsed->config.process.user == "y");
  check_round_trip(*parsed);
}

TEST_CASE("a line feed inside an argument is a blank") {
  const auto parsed = parse_lines({"server\na\niburst"}, files_of({}));
  REQUIRE(parsed);
  CHECK(texts(*parsed) == std::vector<std::string>{"server a iburst"});
  check_round_trip(*parsed);
}

TEST_CASE("what is handed over says the same and asks for no interface, in every directive") {
  const auto loopback = std::to_string(if_nametoindex("lo"));
  std::vector<std::string> named;
  for (const auto& entry : table()) {
    const auto line = std::string{entry.row.name} + " fe80::1%lo";
    CAPTURE(line);
    const auto parsed = parse_lines({line}, files_of({}));
    if (!parsed || parsed->lines.empty()) continue;
    const auto handed = handed_over(parsed->lines.front().text);
    const auto again = parse_lines({handed}, files_of({}));
    REQUIRE(again);
    CHECK(again->config == parsed->config);
    if (handed != line) named.emplace_back(entry.row.name);
    // Where a name is understood and a number is another thing, it is the name of something else.
    const auto without = parse_lines({std::string{entry.row.name} + " fe80::1%no-such"}, files_of({}));
    CHECK(handed == (without ? line : std::string{entry.row.name} + " fe80::1%" + loopback));
  }
  CHECK(named.size() == 4);
  CHECK(handed_over("bindaddress fe80::1%no-such") == "bindaddress fe80::1%no-such");
  CHECK(handed_over("BindAddress fe80::1%lo") == "BindAddress fe80::1%" + loopback);
  CHECK(handed_over("metricsaddress /run/50%lo") == "metricsaddress /run/50%lo");
}
