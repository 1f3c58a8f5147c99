// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/server/latch.hpp"

#include <sys/prctl.h>

#include <array>
#include <thread>

#include "base/os/file.hpp"
#include "base/os/sandbox/sandbox.hpp"
#include "tests/unit/base/os/in_child.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using core::Latch;

namespace {

bool main_thread_sleeps() {
  const auto text = base::read_file("/proc/self/stat", 512);
  return text && text->at(text->rfind(')') + 2) == 'S';
}

}  // namespace

TEST_CASE("who waits goes on when the count is zero, and whoever comes later does not wait") {
  Latch latch{2};
  bool first = false;
  bool second = false;
  const auto count_down = [&latch](bool& done) {
    done = true;
    latch.count_down();
  };
  std::jthread one{[&] { count_down(first); }};
  std::jthread other{[&] { count_down(second); }};
  latch.wait();
  CHECK(first);
  CHECK(second);
  latch.wait();
  Latch{0}.wait();
}

TEST_CASE("who waits sleeps, and does not give its turn away again and again") {
  if (!base::sandbox_possible) return;
  const auto result = testing::in_child([] {
    const std::array forbidden{base::AllowedCall{.name = "sched_yield"}};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        !base::forbid_calls(forbidden, base::SandboxMode::enforce))
      return 1;
    Latch latch{1};
    std::jthread later{[&latch] {
      while (!main_thread_sleeps()) continue;
      latch.count_down();
    }};
    latch.wait();
    return 0;
  });
  CHECK(result == base::ExitResult{false, 0});
}
