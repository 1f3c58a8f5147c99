// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/os/fd.hpp"
#include "base/os/regular_file.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon::base;
using gnomon::testing::TemporaryFolder;

namespace {

int folders_synced = 0;

}  // namespace

// In the place of the C library's: what is to survive a power cut must be asked for.
extern "C" int fsync(int fd) {
  struct stat what{};
  if (fstat(fd, &what) == 0 && S_ISDIR(what.st_mode)) ++folders_synced;
  return 0;
}

namespace {

std::size_t files_in(const TemporaryFolder& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{folder.path()}, {}));
}

}  // namespace

TEST_CASE("a file is written whole, with its mode, and leaves no temporary behind") {
  const TemporaryFolder folder;
  const auto path = folder / "state";
  REQUIRE(write_file_atomically(path, "first", 0600));
  REQUIRE(write_file_atomically(path, "second", 0600));
  CHECK(read_file(path) == "second");
  struct stat file{};
  REQUIRE(stat(path.c_str(), &file) == 0);
  CHECK((file.st_mode & 0777U) == 0600);
  CHECK(files_in(folder) == 1);
}

TEST_CASE("the temporary of an interrupted run is no hindrance, even when it is a link elsewhere") {
  const TemporaryFolder folder;
  REQUIRE(write_file_atomically(folder / "other", "untouched"));
  REQUIRE(symlink((folder / "other").c_str(), (folder / "state.tmp").c_str()) == 0);
  REQUIRE(write_file_atomically(folder / "state", "new"));
  CHECK(read_file(folder / "state") == "new");
  CHECK(read_file(folder / "other") == "untouched");
}

TEST_CASE("a file that cannot be replaced keeps its text") {
  const TemporaryFolder folder;
  const auto path = folder / "state";
  std::filesystem::create_directory(path);
  CHECK_FALSE(write_file_atomically(path, "text"));
  CHECK(std::filesystem::is_directory(path));
  CHECK(files_in(folder) == 1);
  CHECK(write_file_atomically(folder / "no/such/folder", "text").error().code == ENOENT);
}

TEST_CASE("reading stops at the limit") {
  const TemporaryFolder folder;
  const auto path = folder / "long";
  REQUIRE(write_file_atomically(path, std::string(10000, 'x')));
  CHECK(read_file(path, 10000)->size() == 10000);
  CHECK(read_file(path, 9999).error().code == EFBIG);
  CHECK(read_file(folder / "none").error().code == ENOENT);
}

TEST_CASE("a file that was replaced or removed stays so after a power cut") {
  const TemporaryFolder folder;
  const auto path = folder / "cookies";
  folders_synced = 0;
  REQUIRE(write_file_atomically(path, "first", 0600));
  CHECK(folders_synced == 1);
  remove_file(path);
  CHECK(folders_synced == 2);
  CHECK(files_in(folder) == 0);
  remove_file(path);
  CHECK(folders_synced == 2);
}

TEST_CASE("only a regular file is read, and nothing is waited for") {
  const TemporaryFolder folder;
  REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK(to_string(read_file(folder / "fifo").error()) == "it is not a regular file");
  CHECK(to_string(read_file("/dev/zero").error()) == "it is not a regular file");
  CHECK(read_file(folder.path()).error().code == EISDIR);
  CHECK(read_file(folder / "missing").error().code == ENOENT);
  CHECK(why_unreadable(folder / "fifo", open_regular_file(folder / "fifo").error()) ==
        "it is a FIFO, not a file");
  CHECK(why_unreadable(folder / "missing", ENOENT) == "No such file or directory");
}

TEST_CASE("a refusal that the permissions do not explain is a security module's") {
  const TemporaryFolder folder;
  REQUIRE(write_file_atomically(folder / "open", "x"));
  CHECK(why_unreadable(folder / "open", EACCES).find("security module") != std::string::npos);
  REQUIRE(chmod((folder / "open").c_str(), 0) == 0);
  if (geteuid() != 0) CHECK(why_unreadable(folder / "open", EACCES) == "Permission denied");
}

TEST_CASE("what to do about a file that cannot be written depends on why") {
  const TemporaryFolder folder;
  const auto told = [&](const std::string& path) {
    const auto written = write_file_atomically(folder / path, "x");
    REQUIRE_FALSE(written);
    return remedy_of_writing(written.error().code, folder / path, "driftfile");
  };
  CHECK(told("none/drift") ==
        "create " + (folder / "none") + ", owned by the daemon's user, and restart gnomond");
  REQUIRE(write_file_atomically(folder / "file", "x"));
  CHECK(told("file/drift") == (folder / "file") + " is not a directory: name another place in `driftfile`");
  std::filesystem::create_directory(folder / "drift");
  CHECK(told("drift") ==
        (folder / "drift") + " is a directory: remove it, or name another place in `driftfile`");
  const auto of = [](int error) { return remedy_of_writing(error, "/a/b", "dumpdir"); };
  CHECK(of(ENOSPC) == "free space on the file system of /a");
  CHECK(of(EACCES).starts_with("make /a writable for the daemon's user"));
  CHECK(of(EROFS).contains("ReadWritePaths=/a"));
  CHECK(of(EFBIG).contains("LimitFSIZE="));
  CHECK(of(ENAMETOOLONG) == "name another place in `dumpdir`");
  CHECK(remedy_of_writing(ENOENT, "/b", "x").starts_with("create /,"));
}

TEST_CASE("what to do about a file that cannot be read depends on why") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "drift");
  const auto read = read_file(folder / "drift");
  REQUIRE_FALSE(read);
  CHECK(remedy_of_reading(read.error().code, "driftfile") ==
        "remove what is there, or name another place in `driftfile`");
  CHECK(remedy_of_reading(EACCES, "driftfile") == "make it readable for the daemon's user");
}
