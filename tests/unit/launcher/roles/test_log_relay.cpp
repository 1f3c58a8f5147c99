// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/log_relay.hpp"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/catch.hpp"

using namespace gnomon;

namespace {

struct Fixture {
  base::OsResult<launcher::LogRelay> relay = launcher::LogRelay::make();

  [[nodiscard]] ssize_t writes(launcher::Program program, const std::string& text) const {
    return write(relay->entry(program), text.data(), text.size());
  }
  [[nodiscard]] bool waits() const {
    std::vector<pollfd> watched;
    for (const int exit : relay->exits()) watched.push_back({exit, POLLIN, 0});
    return poll(watched.data(), watched.size(), 0) > 0;
  }
  std::string passed_on() { return relay->take(base::MonoTime{}); }
};

}  // namespace

TEST_CASE("what roles write is passed on, once, and shows who wrote it") {
  using enum launcher::Program;
  Fixture f;
  REQUIRE(f.relay);
  CHECK_FALSE(f.waits());
  CHECK(f.passed_on() == "");
  CHECK(f.writes(clock, "2026-11-30T05:34:19Z one\n") > 0);
  CHECK(f.writes(core, "2026-11-30T05:34:19Z two\n2026-11-30T05:34:20Z three\n") > 0);
  CHECK(f.waits());
  CHECK(f.passed_on() ==
        "2026-11-30T05:34:19Z two\n2026-11-30T05:34:20Z three\n2026-11-30T05:34:19Z gnomon-clock: one\n");
  CHECK(f.passed_on().empty());
}

TEST_CASE("for syslog each line has a level, and gnomond's own come first") {
  using enum launcher::Program;
  Fixture f{.relay = launcher::LogRelay::make(base::LogFormat::levels)};
  REQUIRE(f.relay);
  CHECK(f.writes(clock, "<3>one\n<0>two\nthree\n") > 0);
  CHECK(f.writes(core, "<6>four\n") > 0);
  CHECK(write(f.relay->own_entry(), "<5>five\n", 8) == 8);
  CHECK(f.waits());
  CHECK(f.passed_on() ==
        "<5>five\n<6>four\n<3>gnomon-clock: one\n<4>gnomon-clock: <0>two\n<4>gnomon-clock: three\n");
  CHECK(launcher::LogRelay::make()->own_entry() == -1);
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
  (void)f.passed_on();
  over = true;
}
