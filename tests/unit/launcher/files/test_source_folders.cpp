// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/source_folders.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <map>

#include "base/os/file.hpp"
#include "daemon/launcher/roles/trust_watch.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using launcher::SourceFolders;

namespace {

// By name: the content, or the reason why there is none.
std::map<std::string, std::string> all_of(SourceFolders& folders) {
  std::map<std::string, std::string> found;
  folders.look();
  while (auto one = folders.next())
    found[one->name] = one->file ? base::read_to_end(one->file.get()).value() : one->reason;
  return found;
}

}  // namespace

TEST_CASE("the files of source folders are opened, others are not, and what cannot be is told") {
  const testing::TemporaryFolder folder;
  REQUIRE(base::write_file_atomically(folder / "a.sources", "server a\n"));
  REQUIRE(base::write_file_atomically(folder / ".hidden.sources", "server h\n"));
  REQUIRE(base::write_file_atomically(folder / "a.conf", "server c\n"));
  REQUIRE(mkfifo((folder / "fifo.sources").c_str(), 0600) == 0);
  SourceFolders folders{{folder.path()}, ""};
  CHECK(all_of(folders) == std::map<std::string, std::string>{{"a.sources", "server a\n"},
                                                              {"fifo.sources", "it is a FIFO, not a file"}});
}

TEST_CASE("a folder that is made later, or made again, is read") {
  const testing::TemporaryFolder folder;
  const auto later = folder / "later";
  SourceFolders folders{{later}, ""};
  folders.look();
  const auto missing = folders.next();
  REQUIRE(missing);
  CHECK(missing->name.empty());
  CHECK(missing->error == ENOENT);
  for (const char* const content : {"server a\n", "server b\n"}) {
    std::filesystem::remove_all(later);
    std::filesystem::create_directory(later);
    REQUIRE(base::write_file_atomically(later + "/x.sources", content));
    CHECK(all_of(folders).at("x.sources") == content);
  }
}

TEST_CASE("the stamp of a store changes with each file in it") {
  const testing::TemporaryFolder folder;
  CHECK_FALSE(launcher::stamp_of_store(folder / "none"));
  const auto empty = launcher::stamp_of_store(folder.path());
  REQUIRE(base::write_file_atomically(folder / "a.pem", "one"));
  const auto one = launcher::stamp_of_store(folder.path());
  CHECK(one != empty);
  REQUIRE(base::write_file_atomically(folder / "a.pem", "other"));
  CHECK(launcher::stamp_of_store(folder.path()) != one);
}
