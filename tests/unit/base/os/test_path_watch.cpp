// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/path_watch.hpp"

#include <poll.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using gnomon::base::PathWatch;
using gnomon::testing::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

struct Fixture {
  TemporaryFolder folder;
  PathWatch watch = PathWatch::make();

  void write(const std::string& name, const std::string& text = "text") const {
    std::ofstream{folder / name, std::ios::app} << text;
  }
  void follow(const std::string& name) { static_cast<void>(watch.follow({folder / name})); }
  // Events are there as soon as the call that caused them is over.
  [[nodiscard]] bool heard() {
    pollfd news{watch.descriptor(), POLLIN, 0};
    return poll(&news, 1, 0) == 1 && watch.hear();
  }
};

}  // namespace

TEST_CASE("a file that is written, replaced or removed is heard of, another one in its folder is not") {
  Fixture f;
  f.write("file");
  f.follow("file");
  f.write("other");
  CHECK_FALSE(f.heard());
  f.write("file");
  CHECK(f.heard());
  CHECK_FALSE(f.heard());
  fs::rename(f.folder / "other", f.folder / "file");
  CHECK(f.heard());
  f.follow("file");
  fs::remove(f.folder / "file");
  CHECK(f.heard());
}

TEST_CASE("a file that is not there yet is heard of when it comes, with the folders before it") {
  Fixture f;
  f.follow("a/b/file");
  fs::create_directory(f.folder / "a");
  CHECK(f.heard());
  f.follow("a/b/file");
  fs::create_directory(f.folder / "a/b");
  CHECK(f.heard());
  f.follow("a/b/file");
  f.write("a/b/file");
  CHECK(f.heard());
}

TEST_CASE("links are followed: one that leads elsewhere is heard of, and so is what it leads to") {
  Fixture f;
  fs::create_directory(f.folder / "live");
  fs::create_directory(f.folder / "archive");
  f.write("archive/1");
  f.write("archive/2");
  fs::create_symlink("../archive/1", f.folder / "live/file");
  f.follow("live/file");
  f.write("archive/2");
  CHECK_FALSE(f.heard());
  f.write("archive/1");
  CHECK(f.heard());
  fs::create_symlink("../archive/2", f.folder / "live/new");
  CHECK_FALSE(f.heard());
  fs::rename(f.folder / "live/new", f.folder / "live/file");
  CHECK(f.heard());
  f.follow("live/file");
  f.write("archive/2");
  CHECK(f.heard());
  fs::rename(f.folder / "archive", f.folder / "elsewhere");
  CHECK(f.heard());
}

TEST_CASE("of a folder everything in it counts, and what links in it lead to") {
  Fixture f;
  fs::create_directory(f.folder / "store");
  fs::create_directory(f.folder / "package");
  f.write("package/authority");
  fs::create_symlink("../package/authority", f.folder / "store/one");
  f.follow("store");
  f.write("unrelated");
  CHECK_FALSE(f.heard());
  f.write("store/two");
  CHECK(f.heard());
  f.write("package/authority");
  CHECK(f.heard());
}

TEST_CASE("it says whether it will hear of everything") {
  Fixture f;
  f.write("file");
  CHECK(f.watch.follow({f.folder / "file", f.folder / "missing"}));
  CHECK_FALSE(f.watch.follow({f.folder / "file", "/proc/self/status"}));
  CHECK_FALSE(PathWatch{}.follow({f.folder / "file"}));
  CHECK_FALSE(PathWatch{}.hear());
}
