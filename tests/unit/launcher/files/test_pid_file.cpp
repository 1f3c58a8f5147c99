// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/pid_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/os/file.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using launcher::PidFile;
using launcher::running_process;

TEST_CASE("a pid file names this process while it is held and is gone afterwards") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "pid";
  {
    const auto file = PidFile::write(path);
    REQUIRE(file);
    CHECK(base::read_file(path).value() == std::to_string(getpid()) + "\n");
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a pid file that another daemon has written since is left alone") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "pid";
  {
    const auto file = PidFile::write(path);
    REQUIRE(base::write_file_atomically(path, "1\n"));
  }
  CHECK(base::read_file(path).value() == "1\n");
}

TEST_CASE("a number that another process has meanwhile, and garbage, keep nobody from starting") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "pid";
  CHECK(running_process(path) == std::nullopt);
  for (const auto& content : {std::to_string(getppid()), std::to_string(getpid()), std::string{"4194304999"},
                              std::string{"-1"}, std::string{"soon"}, std::string{}}) {
    CAPTURE(content);
    REQUIRE(base::write_file_atomically(path, content));
    CHECK(running_process(path) == std::nullopt);
    CHECK(PidFile::write(path));
  }
}

TEST_CASE("a file that is held is found and is not written by another, until its holder is gone") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "pid";
  {
    const auto held = PidFile::write(path);
    REQUIRE(held);
    CHECK(running_process(path) == getpid());
    CHECK(PidFile::write(path).error().find(std::to_string(getpid())) != std::string::npos);
  }
  CHECK(running_process(path) == std::nullopt);
}

TEST_CASE("what is no file of ours is replaced, and a FIFO makes nobody wait") {
  const testing::TemporaryFolder folder;
  REQUIRE(mkfifo((folder / "pid").c_str(), 0600) == 0);
  CHECK(running_process(folder / "pid") == std::nullopt);
  const auto file = PidFile::write(folder / "pid");
  REQUIRE(file);
  CHECK(base::read_file(folder / "pid").value() == std::to_string(getpid()) + "\n");
}

TEST_CASE("a folder in the place of the pid file is told") {
  const testing::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "pid");
  CHECK(PidFile::write(folder / "pid").error() == "Is a directory");
}

TEST_CASE("a link in the place of the pid file is replaced, not followed") {
  const testing::TemporaryFolder folder;
  REQUIRE(base::write_file_atomically(folder / "precious", "keep"));
  std::filesystem::create_symlink(folder / "precious", folder / "pid");
  {
    const auto file = PidFile::write(folder / "pid");
    CHECK(file);
  }
  CHECK(base::read_file(folder / "precious").value() == "keep");
}

TEST_CASE("a pid file that cannot be written says why") {
  const testing::TemporaryFolder folder;
  CHECK(PidFile::write(folder / "missing/pid").error() == "No such file or directory");
}
