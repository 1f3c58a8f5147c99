// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/log_relay.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/os/file.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;

namespace {

struct Fixture {
  testing::TemporaryFolder folder;
  std::filesystem::path path = folder / "log";
  base::Fd file{open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  base::OsResult<launcher::LogRelay> relay = launcher::LogRelay::make();

  [[nodiscard]] ssize_t writes(launcher::Program program, const std::string& text) const {
    return write(relay->entry(program), text.data(), text.size());
  }
  [[nodiscard]] bool waits() const {
    std::vector<pollfd> watched;
    for (const int exit : relay->exits()) watched.push_back({exit, POLLIN, 0});
    return poll(watched.data(), watched.size(), 0) > 0;
  }
  base::OsResult<std::string> passed_on() {
    relay->pass_on(file.get(), base::MonoTime{});
    return base::read_file(path, 1000);
  }
};

}  // namespace

TEST_CASE("what roles write comes into the file, once, and shows who wrote it") {
  using enum launcher::Program;
  Fixture f;
  REQUIRE(f.relay);
  CHECK_FALSE(f.waits());
  CHECK(f.passed_on() == "");
  CHECK(f.writes(clock, "2026-11-30T05:34:19Z one\n") > 0);
  CHECK(f.writes(core, "2026-11-30T05:34:19Z two\n2026-11-30T05:34:20Z three\n") > 0);
  CHECK(f.waits());
  const auto* const all =
      "2026-11-30T05:34:19Z two\n2026-11-30T05:34:20Z three\n2026-11-30T05:34:19Z gnomon-clock: one\n";
  CHECK(f.passed_on() == all);
  CHECK(f.passed_on() == all);
}

TEST_CASE("a role does not wait for a file that nobody writes to") {
  Fixture f;
  REQUIRE(f.relay);
  const std::string line(2000, 'x');
  int written = 0;
  while (f.writes(launcher::Program::resolve, line) > 0 && written < 1000) ++written;
  CHECK(errno == EAGAIN);
  CHECK(written < 1000);
  CHECK(f.writes(launcher::Program::core, "still heard\n") > 0);
}

TEST_CASE("a role that never stops is left for others") {
  Fixture f;
  REQUIRE(f.relay);
  std::atomic<bool> over = false;
  std::jthread flood{[&] {
    const std::string text(4000, 'x');
    while (!over) (void)f.writes(launcher::Program::resolve, text);
  }};
  f.relay->pass_on(f.file.get(), base::MonoTime{});
  over = true;
}
