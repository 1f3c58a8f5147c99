// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/log_relay.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <string>

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
