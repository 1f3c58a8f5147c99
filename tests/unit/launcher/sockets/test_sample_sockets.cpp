// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/sample_sockets.hpp"

#include <sys/socket.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/unit/catch.hpp"
#include "tests/unit/remembering_log.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;

namespace {

config::Config with(const std::vector<std::pair<std::string, std::string>>& clocks) {
  config::Config config;
  for (const auto& [driver, parameter] : clocks) {
    config::RefClock clock;
    clock.driver = driver;
    clock.parameter = parameter;
    config.hardware.reference_clocks.push_back(clock);
  }
  return config;
}

bool says_who_sends(const base::Fd& socket) {
  int on = 0;
  socklen_t size = sizeof on;
  return getsockopt(socket.get(), SOL_SOCKET, SO_PASSCRED, &on, &size) == 0 && on == 1;
}

}  // namespace

TEST_CASE("each SOCK clock has its socket, for its owner alone, which goes at the end") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "chrony.ttyS0.sock";
  std::vector<base::ActivatedSocket> none;
  testing::RememberingLog log;
  {
    const auto opened =
        launcher::open_sample_sockets(with({{"PPS", "/dev/pps0"}, {"SOCK", path}}), none, log);
    REQUIRE(opened.sockets.size() == 1);
    CHECK(says_who_sends(opened.sockets[0]));
    struct stat found{};
    REQUIRE(stat(path.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777U) == 0600);
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(log.lines.empty());
}

TEST_CASE("a socket that cannot be made leaves its place empty, and systemd's is used where there is one") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "given.sock";
  auto given = launcher::bind_unix(path, SOCK_DGRAM);
  REQUIRE(given);
  const int number = given->get();
  std::vector<base::ActivatedSocket> inherited;
  inherited.push_back({std::move(*given), "samples"});
  testing::RememberingLog log;
  const auto opened = launcher::open_sample_sockets(
      with({{"SOCK", folder / "no/such/place"}, {"SOCK", path}}), inherited, log);
  REQUIRE(opened.sockets.size() == 2);
  CHECK_FALSE(opened.sockets[0]);
  CHECK(opened.sockets[1].get() == number);
  CHECK(says_who_sends(opened.sockets[1]));
  CHECK(opened.files.empty());
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0].contains("its socket cannot be made: bind: No such file or directory"));
}
