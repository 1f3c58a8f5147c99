// SPDX-License-Identifier: GPL-2.0-or-later
// include, confdir and the order of what they bring.
#include "tests/unit/catch.hpp"
#include "tests/unit/config/files.hpp"

using namespace gnomon::config;
using Strings = std::vector<std::string>;

TEST_CASE("an included file stands where its line stood, and the line itself is gone") {
  const auto parsed = parse_text("port 1\ninclude b\nport 3\n", {{"b", "# x\n\n  PORT   2"}});
  REQUIRE(parsed);
  CHECK(texts(*parsed) == Strings{"port 1", "PORT 2", "port 3"});
  CHECK(parsed->config.server.port == 3);
  CHECK(parsed->lines[1].place.file == "b");
  CHECK(parsed->lines[1].place.line == 3);
  CHECK(parsed->lines[1].place.column == 3);
}

TEST_CASE("a pattern brings its files in order and may match nothing") {
  CHECK(config_of("include /c/*.conf", {{"/c/b.conf", "port 2"}, {"/c/a.conf", "port 1"}}).server.port == 2);
  CHECK(config_of("include /c/*.conf\ninclude /c/[ab]\ninclude /c/?").server.port == 123);
}

TEST_CASE("a file that is named and not there is a mistake") {
  CHECK(complaints("port 1\n include /c/x.conf") ==
        Strings{"g.conf:2:2: could not read '/c/x.conf': No such file or directory"});
}

TEST_CASE("files may include each other ten deep, counting the first") {
  FileMap files;
  for (int i = 2; i < 10; ++i) files["f" + std::to_string(i)] = "include f" + std::to_string(i + 1);
  files["f10"] = "port 10";
  CHECK(config_of("include f2", files).server.port == 10);
  files["f10"] = "include f11";
  files["f11"] = "port 11";
  CHECK(complaints("include f2", files) == Strings{"f10:1:1: 'f11' is included too deeply or recursively"});
}

TEST_CASE("a circle of includes ends with one complaint") {
  CHECK(complaints("include g.conf\ninclude g.conf\n").size() == 1);
}

TEST_CASE("a heap of includes ends too") {
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "include x\n";
  CHECK(complaints(many, {{"x", ""}}).size() == 1);
}

TEST_CASE("confdir reads by file name over all directories, and a name once") {
  const FileMap files{{"/etc/c.d/20.conf", "port 20"},    {"/etc/c.d/30.conf", "port 30"},
                      {"/run/c.d/10.conf", "port 10"},    {"/run/c.d/30.conf", "port 31"},
                      {"/run/c.d/40.conf.bak", "port 4"}, {"/run/c.d/25.conf", "port 25"}};
  const auto first = parse_text("confdir /run/c.d /etc/c.d", files);
  REQUIRE(first);
  CHECK(texts(*first) == Strings{"port 10", "port 20", "port 25", "port 31"});
  const auto second = parse_text("confdir /etc/c.d /run/c.d /missing", files);
  REQUIRE(second);
  CHECK(texts(*second) == Strings{"port 10", "port 20", "port 25", "port 30"});
}

TEST_CASE("confdir takes up to ten directories") {
  CHECK(complaints("confdir a b c d e f g h i j").empty());
  CHECK(complaints("confdir").size() == 1);
}

TEST_CASE("sourcedir is kept for the core, one group for each line") {
  const auto parsed = parse_text("sourcedir /a /b\nsourcedir /c\n");
  REQUIRE(parsed);
  CHECK(parsed->config.process.source_dirs == std::vector<Strings>{{"/a", "/b"}, {"/c"}});
  CHECK(texts(*parsed) == Strings{"sourcedir /a /b", "sourcedir /c"});
}

TEST_CASE("what is in the last line counts without a line feed, and a carriage return is a blank") {
  CHECK(config_of("port 7\r\nntsport 8").server.port == 7);
  CHECK(config_of("port 7\r\nntsport 8").nts.port == 8);
}

TEST_CASE("directives on the command line may include files") {
  const auto parsed = parse_lines({"include a", "port 2"}, files_of({{"a", "ntsport 5\nport 1\n"}}));
  REQUIRE(parsed);
  CHECK(parsed->config.server.port == 2);
  CHECK(parsed->config.nts.port == 5);
}

TEST_CASE("a confdir that cannot be looked into is passed over and told") {
  auto files = files_of({{"g.conf", "confdir /closed\nmaxdistance 2\n"}});
  files.folder_trouble = [](const std::string& folder) {
    return std::optional{FolderTrouble{folder, "why"}};
  };
  const auto parsed = parse_file("g.conf", files);
  REQUIRE(parsed);
  CHECK(parsed->config.selection.max_distance == gnomon::base::Seconds{2});
  REQUIRE(parsed->troubles.size() == 1);
  CHECK(parsed->troubles[0].folder == "/closed");
}

TEST_CASE("a byte order mark and zeros behind the last line are no part of a configuration") {
  CHECK(config_of("\xef\xbb\xbfmaxdistance 2\n" + std::string(100, '\0')).selection.max_distance ==
        gnomon::base::Seconds{2});
}
