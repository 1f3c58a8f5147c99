// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "base/os/fd.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::base;

namespace {

class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "gnomon-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file(const char* name) const { return path_ + "/" + name; }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{path_}, {}));
  }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("a file is written whole, with its mode, and leaves no temporary behind") {
  const Folder folder;
  const auto path = folder.file("state");
  REQUIRE(write_file_atomically(path, "first", 0600));
  REQUIRE(write_file_atomically(path, "second", 0600));
  CHECK(read_file(path) == "second");
  struct stat file{};
  REQUIRE(stat(path.c_str(), &file) == 0);
  CHECK((file.st_mode & 0777U) == 0600);
  CHECK(folder.files() == 1);
}

TEST_CASE("the temporary of an interrupted run is no hindrance, even when it is a link elsewhere") {
  const Folder folder;
  REQUIRE(write_file_atomically(folder.file("other"), "untouched"));
  REQUIRE(symlink(folder.file("other").c_str(), folder.file("state.tmp").c_str()) == 0);
  REQUIRE(write_file_atomically(folder.file("state"), "new"));
  CHECK(read_file(folder.file("state")) == "new");
  CHECK(read_file(folder.file("other")) == "untouched");
}

TEST_CASE("a file that cannot be replaced keeps its text") {
  const Folder folder;
  const auto path = folder.file("state");
  std::filesystem::create_directory(path);
  CHECK_FALSE(write_file_atomically(path, "text"));
  CHECK(std::filesystem::is_directory(path));
  CHECK(folder.files() == 1);
  CHECK(write_file_atomically(folder.file("no/such/folder"), "text").error().code == ENOENT);
}

TEST_CASE("reading stops at the limit") {
  const Folder folder;
  const auto path = folder.file("long");
  REQUIRE(write_file_atomically(path, std::string(10000, 'x')));
  CHECK(read_file(path, 10000)->size() == 10000);
  CHECK(read_file(path, 9999).error().code == EFBIG);
  CHECK(read_file(folder.file("none")).error().code == ENOENT);
}
