// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/command_completion.hpp"

#include "ctl/command.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;
using Strings = std::vector<std::string>;

TEST_CASE("the first word is a command") {
  CHECK(complete("").size() == commands().size());
  CHECK(complete("sourc") == Strings{"sourcename", "sources", "sourcestats"});
  CHECK(complete("  trac") == Strings{"tracking"});
  CHECK(complete("sources").size() == 2);
  CHECK(complete("nonsense").empty());
  CHECK(complete("# sou").empty());
}

TEST_CASE("what follows are the words of its synopsis") {
  CHECK(complete("manual ") == Strings{"delete", "list", "off", "on", "reset"});
  CHECK(complete("manual o") == Strings{"off", "on"});
  CHECK(complete("add ") == Strings{"peer", "pool", "server"});
  CHECK(complete("reload ") == Strings{"--dry-run", "sources"});
  CHECK(complete("sources -") == Strings{"-a", "-v"});
  CHECK(complete("clients -") == Strings{"-k", "-p", "-r"});
  CHECK(complete("tracking ").empty());
  CHECK(complete("nonsense ").empty());
}
