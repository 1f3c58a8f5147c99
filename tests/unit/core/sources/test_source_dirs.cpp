// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/source_dirs.hpp"

#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;

namespace {

config::Source named(const char* name) {
  config::Source source;
  source.name = name;
  return source;
}

config::Diagnostic mistake(const char* message) {
  return {.place = {.file = "/run/x.sources", .line = 2, .column = 1},
          .word = {},
          .message = message,
          .nearest = {}};
}

struct Fixture {
  testing::RememberingLog log;
  std::expected<config::SourcesFile, std::string> there;
  core::SourceDirs dirs{[this] { return there; }, log};
};

}  // namespace

TEST_CASE("without sourcedir there is nothing to read, and nothing wrong") {
  testing::RememberingLog log;
  core::SourceDirs dirs{{}, log};
  CHECK_FALSE(dirs.load());
  CHECK(dirs.summary().empty());
  CHECK(dirs.look_for_mistakes().empty());
  CHECK(log.lines.empty());
}

TEST_CASE("the sources of the directories are those that can be used; the rest is told and logged") {
  Fixture f;
  f.there = config::SourcesFile{.sources = {named("a"), named("b")}, .skipped = {mistake("no such option")}};
  const auto sources = f.dirs.load();
  REQUIRE(sources);
  CHECK(*sources == std::vector{named("a"), named("b")});
  CHECK(f.dirs.left_out() == std::vector<std::string>{"/run/x.sources:2:1: no such option."});
  CHECK(f.dirs.summary() == "/run/x.sources:2:1: no such option. All else in the files is used.");
  CHECK(f.log.events == std::vector{base::LogEvent::sources_file_skipped});
}

TEST_CASE("a sentence that asks ends with its question mark") {
  Fixture f;
  auto asks = mistake("unknown option");
  asks.nearest = "iburst";
  f.there = config::SourcesFile{.sources = {}, .skipped = {asks}};
  CHECK(f.dirs.load());
  CHECK(f.dirs.left_out() ==
        std::vector<std::string>{"/run/x.sources:2:1: unknown option, did you mean 'iburst'?"});
}

TEST_CASE("of many mistakes three are told, and the log has all") {
  Fixture f;
  f.there = config::SourcesFile{
      .sources = {}, .skipped = {mistake("1"), mistake("2"), mistake("3"), mistake("4"), mistake("5")}};
  CHECK(f.dirs.load());
  CHECK(f.dirs.left_out().size() == 5);
  CHECK(f.dirs.summary().ends_with(":1: 3. The log has 2 more. All else in the files is used."));
  CHECK(f.log.lines.size() == 5);
}

TEST_CASE("a directory that is not there yet is logged and is no mistake, one that cannot be read is") {
  Fixture f;
  f.there = config::SourcesFile{.sources = {},
                                .skipped = {},
                                .troubles = {{.folder = "/gone", .reason = "No such file", .missing = true},
                                             {.folder = "/shut", .reason = "Permission denied"}}};
  CHECK(f.dirs.load());
  CHECK(f.dirs.left_out() == std::vector<std::string>{"/shut could not be read: Permission denied."});
  CHECK(f.log.events ==
        std::vector{base::LogEvent::sources_folder_not_made, base::LogEvent::folder_not_read});
}

TEST_CASE("directories that cannot be read at all leave the sources as they are, and say why") {
  Fixture f;
  f.there = std::unexpected("gnomond does not answer");
  CHECK_FALSE(f.dirs.load());
  const std::string why = "The directories of `sourcedir` could not be read: gnomond does not answer.";
  CHECK(f.dirs.summary() == why);
  CHECK(f.dirs.left_out() == std::vector{why});
  CHECK(f.log.events == std::vector{base::LogEvent::folder_not_read});
  f.there = config::SourcesFile{};
  CHECK(f.dirs.load());
  CHECK(f.dirs.summary().empty());
}

TEST_CASE("who only looks for mistakes changes nothing and writes nothing") {
  Fixture f;
  f.there = config::SourcesFile{.sources = {named("a")}, .skipped = {mistake("wrong")}};
  CHECK(f.dirs.look_for_mistakes() == std::vector<std::string>{"/run/x.sources:2:1: wrong."});
  f.there = std::unexpected("no");
  CHECK(f.dirs.look_for_mistakes() ==
        std::vector<std::string>{"The directories of `sourcedir` could not be read: no."});
  CHECK(f.dirs.left_out().empty());
  CHECK(f.log.lines.empty());
}
