// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/key_checks.hpp"

#include <fstream>

#include "tests/unit/ctl/check/findings.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace gnomon::testing {

namespace {

// A file with these keys, and what is found in these lines and in `keyfile` with it, which is F.
Lines found_with(const std::string& keys, const std::string& lines) {
  const TemporaryFolder folder;
  const auto path = folder / "keys";
  std::ofstream{path} << keys;
  auto found_lines = found(ctl::check_keys, lines + "keyfile " + path + '\n');
  for (auto& line : found_lines)
    for (auto at = line.find(path); at != line.npos; at = line.find(path)) line.replace(at, path.size(), "F");
  return found_lines;
}

}  // namespace

TEST_CASE("a key needs a file that it is in") {
  CHECK(found(ctl::check_keys, "server a key 5\n") ==
        Lines{"1 error key: there is no `keyfile` with key 5: the source is not queried"});
  const std::string good = "5 SHA1 HEX:00112233445566778899\n";
  CHECK(found_with(good, "server a key 5\n").empty());
  CHECK(found_with(good, "server a key 5\nserver b key 6\n") ==
        Lines{"2 error key: F has no key 6 that can be used: the source is not queried"});
  CHECK(found_with("# none yet, as Debian's chrony has it\n", "").empty());
}

TEST_CASE("what is wrong in a file of keys is named at its line there, as the daemon would say it") {
  CHECK(found_with("5 SHA1 HEX:0g\n\n5 SHA1 ASCII:a-longer-key\n5 SHA1 ASCII:another-key\nfive\n",
                   "server a key 5\n") ==
        Lines{"F:1 warning : key 5 is not used: it has something other than hexadecimal digits after HEX:",
              "F:4 warning : key 5 is not used: it is a duplicate: the line before it with that ID counts",
              "F:5 warning : the line is not used: it is not of the form ID [TYPE] KEY, with an ID from 1 to "
              "4294967295"});
  CHECK(found_with("5 ROT13 abc\n", "server a key 5\n").size() == 2);
}

TEST_CASE("a key that can be guessed is a warning where it is used") {
  CHECK(found_with("5 MD5 tulip\n6 MD5 rose\n", "server a key 5\n") ==
        Lines{"1 warning key: key 5 is too short: anyone who sees the requests may guess it"});
}

TEST_CASE(
    "what is no file of keys is an error, a missing one another check's, and sources have no key then") {
  const TemporaryFolder folder;
  CHECK(found(ctl::check_keys, "keyfile " + folder.path() + '\n') ==
        Lines{"1 error " + folder.path() + ": " + folder.path() + " is not a file: there are no keys"});
  CHECK(found(ctl::check_keys, "keyfile " + (folder / "none") + '\n').empty());
  const auto without = [&](const std::string& path) {
    return found(ctl::check_keys, "server a key 5\nserver b\nserver c key 6\nkeyfile " + path + '\n');
  };
  const auto none = folder / "none";
  CHECK(without(none) ==
        Lines{"1 error key: " + none + " does not exist, nor key 5: the source is not queried",
              "3 error key: " + none + " does not exist, nor key 6: the source is not queried"});
  CHECK(without(folder.path()).size() == 3);
}

TEST_CASE("a key beside NTS is not said to keep a source from being queried") {
  CHECK(found(ctl::check_keys, "server a nts key 5\n").empty());
  CHECK(found(ctl::check_keys, "server a key 5\n").size() == 1);
}

TEST_CASE("no line of a file of keys is shown") {
  const TemporaryFolder folder;
  const auto path = folder / "keys";
  std::ofstream{path} << "5 SHA1 HEX:secret\n";
  ctl::Findings findings;
  const config::FileMap files{{"g.conf", "keyfile " + path + '\n'}};
  ctl::check_keys(ctl::read_configuration("g.conf", config::files_of(files), findings), findings);
  REQUIRE(findings.all().size() == 1);
  CHECK(findings.is_secret(path));
  CHECK_FALSE(findings.is_secret("g.conf"));
  CHECK_FALSE((findings.all()[0].message + findings.all()[0].advice).contains("secret"));
}

}  // namespace gnomon::testing
