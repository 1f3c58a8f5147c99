// SPDX-License-Identifier: GPL-2.0-or-later
// The launcher hands the core its effective lines: they must mean the same there.
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
