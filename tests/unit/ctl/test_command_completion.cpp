// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/command_completion.hpp"

#include <algorithm>
#include <string_view>

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

TEST_CASE("a synopsis says which options have values, and what else is for the user to say") {
  const auto row = [](std::string_view name) -> const Command& {
    return *std::ranges::find(commands(), name, &Command::name);
  };
  using Options = std::vector<ValueOption>;
  CHECK(value_options_of(row("events")) == Options{{"--since", "TIME"}, {"--lines", "NUMBER"}});
  CHECK(value_options_of(row("report")) == Options{{"--since", "TIME"}, {"-o", "FILE"}});
  CHECK(value_options_of(row("record")) == Options{{"--for", "TIME"}});
  CHECK(value_options_of(row("sources")).empty());
  CHECK(takes_word(row("record"), "FILE"));
  CHECK(takes_word(row("check-config"), "FILE"));
  CHECK_FALSE(takes_word(row("report"), "FILE"));
  CHECK(takes_word(row("explain"), "SOURCE"));
  CHECK(takes_word(row("selectopts"), "SOURCE"));
  CHECK_FALSE(takes_word(row("probe"), "SOURCE"));
  CHECK(takes_word(row("help"), "COMMAND"));
}
