// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/pid_file.hpp"

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
  const test::TemporaryFolder folder;
  const auto path = folder / "pid";
  {
    const auto file = PidFile::write(path);
    REQUIRE(file);
    CHECK(base::read_file(path).value() == std::to_string(getpid()) + "\n");
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a pid file that another daemon has written since is left alone") {
  const test::TemporaryFolder folder;
  const auto path = folder / "pid";
  {
    const auto file = PidFile::write(path);
    REQUIRE(base::write_file_atomically(path, "1\n"));
  }
  CHECK(base::read_file(path).value() == "1\n");
}

TEST_CASE("a living process is found, a dead one and garbage are not") {
  const test::TemporaryFolder folder;
  const auto path = folder / "pid";
  CHECK(running_process(path) == std::nullopt);
  for (const auto& [content, expected] :
       {std::pair{std::to_string(getppid()), std::optional{getppid()}},
        std::pair{std::to_string(getpid()), std::optional<pid_t>{}},  // a file of our own is no obstacle
        std::pair{std::string{"4194304999"}, std::optional<pid_t>{}},
        std::pair{std::string{"-1"}, std::optional<pid_t>{}},
        std::pair{std::string{"soon"}, std::optional<pid_t>{}},
        std::pair{std::string{}, std::optional<pid_t>{}}}) {
    REQUIRE(base::write_file_atomically(path, content));
    CHECK(running_process(path) == expected);
  }
}

TEST_CASE("a link in the place of the pid file is replaced, not followed") {
  const test::TemporaryFolder folder;
  REQUIRE(base::write_file_atomically(folder / "precious", "keep"));
  std::filesystem::create_symlink(folder / "precious", folder / "pid");
  {
    const auto file = PidFile::write(folder / "pid");
    CHECK(file);
  }
  CHECK(base::read_file(folder / "precious").value() == "keep");
}

TEST_CASE("a pid file that cannot be written says why") {
  const test::TemporaryFolder folder;
  CHECK(PidFile::write(folder / "missing/pid").error() == "No such file or directory");
}
