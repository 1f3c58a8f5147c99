// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/configuration.hpp"

#include "tests/unit/ctl/check/findings.hpp"

namespace gnomon::testing {

namespace {

void nothing(const ctl::Configuration& /*configuration*/, ctl::Findings& /*findings*/) {}

}  // namespace

TEST_CASE("mistakes of the text are errors with a guess, in every file that is brought in") {
  ctl::Findings findings;
  const config::FileMap files{{"g.conf", "server a ibrust\ninclude b\nconfdir /c\n"},
                              {"b", "prot 123\n"},
                              {"/c/1.conf", "\nport x\n"}};
  const auto configuration = ctl::read_configuration("g.conf", config::files_of(files), findings);
  CHECK(lines_of(findings) == Lines{"1 error ibrust: unknown option 'ibrust' in server directive",
                                    "b:1 error prot: unknown directive 'prot'",
                                    "/c/1.conf:2 error x: invalid value 'x' for port directive: must be a "
                                    "whole number from 0 to 65535"});
  CHECK(findings.all()[0].advice == "did you mean 'iburst'?");
  CHECK(configuration.sources.empty());
}

TEST_CASE("the lines without a mistake are known all the same, each with what it says alone") {
  ctl::Findings findings;
  const config::FileMap files{{"g.conf", "prot 1\nServer a iburst # a comment\nport 5\n"}};
  const auto configuration = ctl::read_configuration("g.conf", config::files_of(files), findings);
  REQUIRE(configuration.lines.size() == 2);
  CHECK(configuration.lines[0].directive == "server");
  CHECK(configuration.lines[0].words == Lines{"a", "iburst"});
  CHECK(configuration.lines[1].alone.server.port == 5);
  CHECK(configuration.find("port") == &configuration.lines[1]);
  CHECK(configuration.find("allow") == nullptr);
  REQUIRE(configuration.sources.size() == 1);
  CHECK(configuration.sources[0].has("iburst"));
}

TEST_CASE("the sources of a sourcedir have their places, and its mistakes too") {
  ctl::Findings findings;
  const config::FileMap files{{"g.conf", "server a\nsourcedir /s\n"},
                              {"/s/x.sources", "# by hand\nserver b nts\nserver c ntss\n"}};
  const auto configuration = ctl::read_configuration("g.conf", config::files_of(files), findings);
  REQUIRE(configuration.sources.size() == 2);
  CHECK(configuration.sources[1].source.name == "b");
  CHECK(configuration.sources[1].place.file == "/s/x.sources");
  CHECK(configuration.sources[1].place.line == 2);
  CHECK(lines_of(findings) == Lines{"/s/x.sources:3 error ntss: unknown option 'ntss' in server directive"});
}

TEST_CASE("a directory of sources that is not there yet is no mistake") {
  config::FileAccess files = config::files_of({{"g.conf", "sourcedir /s\n"}});
  files.folder_trouble = [](const std::string& folder) {
    return std::optional{config::FolderTrouble{folder, "No such file or directory", true}};
  };
  ctl::Findings findings;
  static_cast<void>(ctl::read_configuration("g.conf", files, findings));
  CHECK(lines_of(findings) == Lines{"1 note /s: directory /s does not exist"});
}

TEST_CASE("a file that cannot be read is the only finding") {
  CHECK(found(nothing, "include nowhere\n") ==
        Lines{"1 error nowhere: could not read 'nowhere': No such file or directory"});
}

}  // namespace gnomon::testing
