// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/folders.hpp"

#include <sys/stat.h>

#include "base/os/file.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;

namespace {

struct Lines final : base::Log {
  void take(const base::LogMessage& message) override {
    if (base::traits_of(message.event).level < base::LogLevel::debug) all += std::string{message.text} + "\n";
  }
  std::string all;
};

mode_t mode_of(const std::string& path) {
  struct stat found{};
  REQUIRE(lstat(path.c_str(), &found) == 0);
  return found.st_mode & 07777U;
}

}  // namespace

TEST_CASE("the folders that the core saves to are there before it locks itself in") {
  const testing::TemporaryFolder temporary;
  config::Config config;
  config.nts.dump_dir = temporary / "state/keys";
  config.clock.drift_file = temporary / "drift/file";
  Lines log;
  launcher::make_state_folders(config, "", log);
  CHECK(log.all.empty());
  CHECK(mode_of(temporary / "state/keys") == 0750U);
  CHECK(mode_of(temporary / "drift") == 0750U);
}

TEST_CASE("a folder to save to that cannot be made is told, and one of sources is not made") {
  const testing::TemporaryFolder temporary;
  config::Config config;
  config.nts.dump_dir = "/proc/no/such/folder";
  config.process.source_dirs = {{temporary / "dhcp"}};
  Lines log;
  launcher::make_state_folders(config, "", log);
  CHECK(log.all.find("ntsdumpdir") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(temporary / "dhcp"));
}

TEST_CASE("what to do about a folder that cannot be made depends on why") {
  const testing::TemporaryFolder temporary;
  REQUIRE(base::write_file_atomically(temporary / "file", ""));
  const auto told = [](const std::string& folder) {
    config::Config config;
    config.process.log_dir = folder;
    Lines log;
    launcher::make_state_folders(config, "", log);
    return log.all;
  };
  CHECK(told(temporary / "file").contains("file is not a directory: name another place in `logdir`"));
  CHECK(told(temporary / "file/logs").contains("file is not a directory: name another place in `logdir`"));
  CHECK(told("/proc/no").contains("create /proc/no, owned by the daemon's user"));
}
