// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/folders.hpp"

#include <sys/stat.h>

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

TEST_CASE("the folders that the core saves to and reads from later are there before it locks itself in") {
  const test::TemporaryFolder temporary;
  config::Config config;
  config.nts.dump_dir = temporary / "state/keys";
  config.clock.drift_file = temporary / "drift/file";
  config.process.source_dirs = {{temporary / "run/dhcp"}};
  Lines log;
  launcher::make_state_folders(config, "", log);
  CHECK(log.all.empty());
  CHECK(mode_of(temporary / "state/keys") == 0750U);
  CHECK(mode_of(temporary / "drift") == 0750U);
  CHECK(mode_of(temporary / "run/dhcp") == 0755U);
}

TEST_CASE("a sourcedir that cannot be made is told, and a folder to save to") {
  const test::TemporaryFolder temporary;
  config::Config config;
  config.process.source_dirs = {{"/proc/no/such/folder"}};
  Lines log;
  launcher::make_state_folders(config, "", log);
  CHECK(log.all.find("sourcedir") != std::string::npos);
  config.nts.dump_dir = "/proc/no/such/folder";
  launcher::make_state_folders(config, "", log);
  CHECK(log.all.find("ntsdumpdir") != std::string::npos);
}
