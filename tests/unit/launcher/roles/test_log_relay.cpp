// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/log_relay.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <thread>

#include "base/os/file.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;

TEST_CASE("what roles write comes into the file, in order and once") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "log";
  const base::Fd file{open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  const auto relay = launcher::LogRelay::make();
  REQUIRE(relay);
  pollfd waits{relay->exit(), POLLIN, 0};
  CHECK(poll(&waits, 1, 0) == 0);
  relay->pass_on(file.get());
  for (const std::string line : {"one\n", "two\n"})
    REQUIRE(write(relay->entry(), line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  CHECK(poll(&waits, 1, 0) == 1);
  relay->pass_on(file.get());
  relay->pass_on(file.get());
  CHECK(base::read_file(path, 100) == "one\ntwo\n");
}

TEST_CASE("a role does not wait for a file that nobody writes to") {
  const auto relay = launcher::LogRelay::make();
  REQUIRE(relay);
  const std::string line(2000, 'x');
  int written = 0;
  while (write(relay->entry(), line.data(), line.size()) > 0 && written < 1000) ++written;
  CHECK(errno == EAGAIN);
  CHECK(written < 1000);
}

TEST_CASE(
    "control characters of a role do not come into the file, and a role that never stops is left for "
    "others") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "log";
  const base::Fd file{open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  const auto relay = launcher::LogRelay::make();
  REQUIRE(relay);
  const std::string line = "\x1b[2Jone\r\nt\xc3\xb6wo\n";
  REQUIRE(write(relay->entry(), line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  relay->pass_on(file.get());
  CHECK(base::read_file(path, 100) == "?[2Jone?\nt\xc3\xb6wo\n");
  // Who writes whatever has been read.
  std::atomic<bool> over = false;
  std::jthread flood{[&] {
    const std::string text(4000, 'x');
    while (!over) (void)!write(relay->entry(), text.data(), text.size());
  }};
  relay->pass_on(file.get());
  over = true;
}
