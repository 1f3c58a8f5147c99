// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/synchronised_file.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using gnomon::launcher::SynchronisedFile;
using gnomon::testing::TemporaryFolder;

TEST_CASE("the file is there while the clock is synchronised, and not afterwards") {
  const TemporaryFolder folder;
  const std::string path = folder / "synchronized";
  {
    SynchronisedFile file{path};
    CHECK_FALSE(std::filesystem::exists(path));
    const auto mask = umask(0077);
    file.set(true);
    umask(mask);
    CHECK(std::filesystem::status(path).permissions() == std::filesystem::perms{0644});
    file.set(true);
    file.set(false);
    CHECK_FALSE(std::filesystem::exists(path));
    file.set(true);
    const SynchronisedFile moved{std::move(file)};
    CHECK(std::filesystem::exists(path));
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("what a process that was killed has left is removed at once") {
  const TemporaryFolder folder;
  const std::string path = folder / "synchronized";
  std::ofstream{path} << "old";
  const SynchronisedFile file{path};
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("without its directory there is no file, and no link is followed") {
  const TemporaryFolder folder;
  SynchronisedFile nowhere{folder / "missing/synchronized"};
  nowhere.set(true);
  CHECK_FALSE(std::filesystem::exists(folder / "missing"));
  const std::string path = folder / "synchronized";
  SynchronisedFile file{path};
  std::filesystem::create_symlink(folder / "elsewhere", path);
  file.set(true);
  CHECK_FALSE(std::filesystem::exists(folder / "elsewhere"));
}

TEST_CASE("what somebody has put in its place is not touched") {
  const TemporaryFolder folder;
  const std::string secret = folder / "secret";
  const std::string path = folder / "synchronized";
  SynchronisedFile file{path};
  std::ofstream{secret} << "theirs";
  std::filesystem::permissions(secret, std::filesystem::perms{0600});
  std::filesystem::create_hard_link(secret, path);
  file.set(true);
  CHECK(std::filesystem::status(secret).permissions() == std::filesystem::perms{0600});
}
