// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/real_time.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <fstream>
#include <string>

#include "base/os/sandbox/sandbox.hpp"
#include "base/os/spawn.hpp"
#include "tests/unit/base/os/in_child.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::base;

namespace {

constexpr int not_allowed = 77;

// Of this process, in kB.
long locked_memory() {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmLck:")) return std::stol(line.substr(6));
  return 0;
}

}  // namespace

TEST_CASE("locked memory is locked, where it is allowed") {
  if (!sandbox_possible) return;  // AddressSanitizer's shadow memory is larger than any machine's
  const auto end = gnomon::testing::in_child([] {
    if (!allow_locked_memory()) return not_allowed;
    if (!lock_memory()) return 1;
    return locked_memory() > 0 ? 0 : 2;
  });
  CHECK((end == ExitResult{false, 0} || end == ExitResult{false, not_allowed}));
}

TEST_CASE("a program is started with a real-time priority, where it is allowed") {
  const auto end = gnomon::testing::in_child([] {
    if (!allow_priority(3)) return not_allowed;
    const auto child = spawn({.path = "/bin/sh",
                              .arguments = {"-c", "test \"$(cut -d' ' -f40,41 /proc/self/stat)\" = '3 1'"},
                              .priority = 3});
    if (!child) return child.error().code == EPERM ? not_allowed : 1;
    const auto result = wait_for(*child);
    return result && *result == ExitResult{} ? 0 : 2;
  });
  CHECK((end == ExitResult{false, 0} || end == ExitResult{false, not_allowed}));
}
