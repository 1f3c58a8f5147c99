// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

#include "ipc/role_setup.hpp"
#include "tests/interop/programs/role_program.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using testing::RoleProgram;

namespace {

// A program that root starts gets every capability of the bounding set: out of it with this one, so that no
// test can reach the machine's clock.
void give_up_the_clock() {
  prctl(PR_CAPBSET_DROP, CAP_SYS_TIME, 0, 0, 0);
  REQUIRE((geteuid() != 0 || prctl(PR_CAPBSET_READ, CAP_SYS_TIME, 0, 0, 0) == 0));
}

RoleProgram start(const ipc::ClockSetup& setup = {}) {
  give_up_the_clock();
  return RoleProgram{GNOMON_CLOCK, ipc::to_arguments(setup)};
}

ipc::ClockSetup as_nobody() {
  ipc::ClockSetup setup;
  setup.identity.user = "nobody";
  setup.budget.step_limit = -1;
  return setup;
}

}  // namespace

TEST_CASE("the clock helper without its capability reads the clock and refuses to set it") {
  auto helper = start(as_nobody());
  CHECK_FALSE(helper.ask<ipc::ClockReading>(ipc::ReadClock{}).may_adjust);
  check_confined(helper);
  CHECK(helper.ask<ipc::ClockRefused>(ipc::Step{1h}).reason == ipc::ClockRefusal::not_permitted);
  CHECK(helper.ask<ipc::ClockRefused>(ipc::Adjust{}).reason == ipc::ClockRefusal::not_permitted);
  CHECK_FALSE(helper.ask<ipc::ClockReading>(ipc::SetStatus{}).may_adjust);
  helper.hang_up();
  CHECK(helper.end() == base::ExitResult{});
}

TEST_CASE("the clock helper ends when it hears something unexpected") {
  auto helper = start();
  helper.say(base::as_bytes("\x01\x03 a step, perhaps?"));
  CHECK(helper.end() == base::ExitResult{false, 1});
}

TEST_CASE("the clock helper does not end by a signal to all, only with its channel") {
  auto helper = start();
  helper.ask<ipc::ClockReading>(ipc::ReadClock{});
  helper.signal(SIGTERM);
  helper.signal(SIGINT);
  helper.ask<ipc::ClockReading>(ipc::ReadClock{});
  helper.hang_up();
  CHECK(helper.end() == base::ExitResult{});
}

TEST_CASE("the clock helper refuses a word it does not know with status 2") {
  RoleProgram helper{GNOMON_CLOCK, {"budget=unlimited"}};
  CHECK(helper.end() == base::ExitResult{false, 2});
}

TEST_CASE("the clock helper does not run as root when its user does not exist") {
  if (geteuid() != 0) return;
  ipc::ClockSetup setup;
  setup.identity.user = "no-such-user-here";
  auto helper = start(setup);
  CHECK(helper.end() == base::ExitResult{false, 1});
}
