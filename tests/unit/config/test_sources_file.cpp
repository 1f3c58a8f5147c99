// SPDX-License-Identifier: GPL-2.0-or-later
// *.sources files and the directories that hold them.
#include "tests/unit/catch.hpp"
#include "tests/unit/config/files.hpp"

using namespace gnomon::config;
using Strings = std::vector<std::string>;

namespace {

Strings names(const SourcesFile& file) {
  Strings result;
  for (const auto& source : file.sources) result.push_back(source.name);
  return result;
}

}  // namespace

TEST_CASE("a file from a DHCP hook becomes sources") {
  const auto file = parse_sources("server 192.0.2.1 iburst\nserver 2001:db8::1 iburst\n", "eth0.sources");
  CHECK(names(file) == Strings{"192.0.2.1", "2001:db8::1"});
  CHECK(file.sources[0].iburst);
  CHECK(file.skipped.empty());
}

TEST_CASE("what is invalid in it is passed over, the rest counts, and it is said") {
  const auto file =
      parse_sources("# by hand\nserver a\nport 5\nserver b ibrust\nSERVR c\nPool d maxsources 2\n", "x");
  CHECK(names(file) == Strings{"a", "d"});
  REQUIRE(file.skipped.size() == 3);
  CHECK(to_text(file.skipped[0]) == "x:3:1: 'port' is not allowed here, only server, pool and peer are");
  CHECK(to_text(file.skipped[1]) ==
        "x:4:10: unknown option 'ibrust' in server directive, did you mean 'iburst'?");
  CHECK(file.skipped[2].nearest == "server");
}

TEST_CASE("what cannot be a host name or an address names no source") {
  for (const auto* name :
       {"$(id)", "`id`", "a;b", "a/b", "a'b", "-x", "~", "a\\b", "a*", "\x1b[2J", "\xc3\xa9"}) {
    const auto file = parse_sources("server " + std::string{name} + "\n", "x");
    CHECK(file.sources.empty());
    REQUIRE(file.skipped.size() == 1);
    CHECK(to_text(file.skipped[0]).ends_with("for server directive: must be a host name or an address"));
  }
  for (const auto* name :
       {"a.example.", "a_b-c", "192.0.2.1", "2001:db8::1", "fe80::1%eth0.5", "_ntp", "1.2.3.400"})
    CHECK(names(parse_sources("pool " + std::string{name}, "x")) == Strings{name});
  CHECK(names(parse_sources("peer " + std::string(256, 'a'), "x")).empty());
}

TEST_CASE("a last line without its end counts, as hooks write it by printf") {
  const auto file = parse_sources("server a\nserver b", "x");
  CHECK(names(file) == Strings{"a", "b"});
  CHECK(file.skipped.empty());
}

TEST_CASE("what an editor puts before it and a crash behind it is no part of it") {
  const auto file = parse_sources("\xef\xbb\xbfserver a\r\nserver b\n" + std::string(512, '\0'), "x");
  CHECK(names(file) == Strings{"a", "b"});
  CHECK(file.skipped.empty());
}

TEST_CASE("reading stops at a line that is too long") {
  const auto file = parse_sources("server a\n" + std::string(2048, 'x') + "\nserver b\n", "x");
  CHECK(names(file) == Strings{"a"});
}

TEST_CASE("directories of one directive share file names, those of two do not") {
  const auto files = files_of({{"/run/d/b.sources", "server run-b\n"},
                               {"/etc/d/a.sources", "server etc-a\n"},
                               {"/etc/d/b.sources", "server etc-b\n"},
                               {"/etc/d/c.conf", "server etc-c\n"}});
  CHECK(names(read_source_dirs({{"/run/d", "/etc/d"}}, files)) == Strings{"etc-a", "run-b"});
  CHECK(names(read_source_dirs({{"/etc/d", "/run/d"}}, files)) == Strings{"etc-a", "etc-b"});
  CHECK(names(read_source_dirs({{"/run/d"}, {"/none"}, {"/etc/d"}}, files)) ==
        Strings{"run-b", "etc-a", "etc-b"});
}

TEST_CASE("a file that cannot be read is said and the others count") {
  auto files = files_of({{"/d/a.sources", "server a\n"}});
  files.glob = [](const std::string&) { return Strings{"/d/a.sources", "/d/b.sources"}; };
  const auto all = read_source_dirs({{"/d"}}, files);
  CHECK(names(all) == Strings{"a"});
  REQUIRE(all.skipped.size() == 1);
  CHECK(to_text(all.skipped[0]) == "could not read '/d/b.sources': No such file or directory");
}

TEST_CASE(
    "a directory that cannot be looked into is told, one that is not there apart, and so is a folder in it") {
  auto files = files_of({{"/d/a.sources", "server a\n"}});
  files.glob = [](const std::string& pattern) {
    return pattern.starts_with("/d/") ? Strings{"/d/a.sources", "/d/old.sources/"} : Strings{};
  };
  files.folder_trouble = [](const std::string& folder) -> std::optional<FolderTrouble> {
    if (folder == "/d") return std::nullopt;
    return FolderTrouble{folder, "why", folder == "/none"};
  };
  const auto all = read_source_dirs({{"/d", "/closed"}, {"/none"}}, files);
  CHECK(names(all) == Strings{"a"});
  REQUIRE(all.troubles.size() == 3);
  CHECK(all.troubles[0].folder == "/d/old.sources");
  CHECK(all.troubles[1].folder == "/closed");
  CHECK_FALSE(all.troubles[1].missing);
  CHECK(all.troubles[2].missing);
}
