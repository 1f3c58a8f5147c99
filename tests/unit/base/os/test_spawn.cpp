// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/spawn.hpp"

#include <fcntl.h>
#include <poll.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "base/os/channel.hpp"
#include "base/os/file.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::base;

namespace {

ExitResult run(const std::string& script, const std::vector<int>& descriptors = {},
               const std::vector<std::string>& environment = {}) {
  const auto child = spawn({"/bin/sh", {"-c", script}, descriptors, environment});
  REQUIRE(child);
  const auto result = wait_for(*child);
  REQUIRE(result);
  return *result;
}

Pipe open_pipe() {
  auto pipe = make_pipe(Blocking::yes);
  REQUIRE(pipe);
  return std::move(*pipe);
}

}  // namespace

TEST_CASE("exit status and signal are told apart") {
  CHECK(run("exit 0") == ExitResult{});
  CHECK(run("exit 7") == ExitResult{false, 7});
  CHECK(run("kill -SYS $$") == ExitResult{true, SIGSYS});
  CHECK(to_string(ExitResult{false, 7}) == "exited with status 7");
  CHECK(to_string(ExitResult{true, SIGSYS}) == "was killed by signal 31 (Bad system call)");
}

TEST_CASE("descriptors arrive as 3 and 4 in the order given, whatever their numbers are here") {
  Pipe first = open_pipe();
  Pipe second = open_pipe();
  // The other way round in numbers: the first lands where the second may still be.
  CHECK(run("echo three >&3; echo four >&4", {second.writer.get(), first.writer.get()}) == ExitResult{});
  first.writer.close();
  second.writer.close();
  CHECK(read_to_end(second.reader.get()) == "three\n");
  CHECK(read_to_end(first.reader.get()) == "four\n");
}

TEST_CASE("a descriptor that already has its target's number is inherited all the same") {
  const Fd holder{fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)};
  std::vector<int> descriptors;
  for (int fd = 3; fd <= holder.get(); ++fd) descriptors.push_back(holder.get());
  CHECK(run("test -e /proc/self/fd/" + std::to_string(holder.get()), descriptors) == ExitResult{});
}

TEST_CASE("output and error go where they are told to") {
  Pipe messages = open_pipe();
  const auto child = spawn({.path = "/bin/sh",
                            .arguments = {"-c", "echo out; echo error >&2"},
                            .standard_error = messages.writer.get()});
  REQUIRE(child);
  CHECK(*wait_for(*child) == ExitResult{});
  messages.writer.close();
  CHECK(read_to_end(messages.reader.get()) == "out\nerror\n");
}

TEST_CASE("a program that is held open is executed, not what its path names by now") {
  const Fd held{open("/bin/true", O_PATH | O_CLOEXEC)};
  const auto child = spawn({.path = "/bin/false", .file = held.get()});
  REQUIRE(child);
  CHECK(*wait_for(*child) == ExitResult{});
}

TEST_CASE("a program whose path is gone is executed from its open file, which it does not inherit") {
  const Fd shell{open("/bin/sh", O_PATH | O_CLOEXEC)};
  const auto run_it = [&](int file) {
    return spawn({.path = "/bin/no-shell",
                  .arguments = {"-c", "test ! -e /proc/$$/fd/4 && test ! -e /proc/$$/fd/5 && echo three >&3"},
                  .descriptors = {STDERR_FILENO},
                  .file = file});
  };
  const auto child = run_it(shell.get());
  REQUIRE(child);
  CHECK(*wait_for(*child) == ExitResult{});
  const auto none = run_it(-1);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ENOENT);
}

TEST_CASE("nothing else is inherited: no descriptor, no variable, no signal mask") {
  const Fd leak{fcntl(STDERR_FILENO, F_DUPFD, 100)};
  CHECK(run("test ! -e /proc/$$/fd/" + std::to_string(leak.get())) == ExitResult{});
  setenv("GNOMON_LEAK", "1", 1);
  CHECK(run("test -z \"$GNOMON_LEAK\" -a \"$GIVEN\" = yes", {}, {"GIVEN=yes"}) == ExitResult{});
  unsetenv("GNOMON_LEAK");
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, nullptr);
  CHECK(run("kill -TERM $$") == ExitResult{true, SIGTERM});
  sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
}

TEST_CASE("signals that were left ignored or blocked are as usual once they are reset, and a handler stays") {
  const auto before = std::signal(SIGUSR2, [](int) {});
  std::signal(SIGCHLD, SIG_IGN);
  sigset_t blocked;
  sigfillset(&blocked);
  sigprocmask(SIG_SETMASK, &blocked, nullptr);
  reset_signals();
  CHECK(run("exit 3") == ExitResult{false, 3});
  CHECK(sigprocmask(SIG_BLOCK, nullptr, &blocked) == 0);
  CHECK(sigismember(&blocked, SIGTERM) == 0);
  CHECK(std::signal(SIGUSR2, before) != SIG_DFL);
}

TEST_CASE("a program that is not there is an error of the start") {
  CHECK(spawn({"/no/such/program", {}, {}, {}}).error().code == ENOENT);
}

TEST_CASE("a running child is still there until a signal ends it") {
  const auto channel = make_channel();
  const auto waiting = spawn({"/bin/sh", {"-c", "read line <&3"}, {channel->theirs.get()}, {}});
  REQUIRE(waiting);
  CHECK(*try_wait_for(*waiting) == std::nullopt);
  REQUIRE(send_signal(*waiting, SIGKILL));
  pollfd ended{waiting->pidfd.get(), POLLIN, 0};
  REQUIRE(poll(&ended, 1, 10000) == 1);
  CHECK(*try_wait_for(*waiting) == ExitResult{true, SIGKILL});
}

TEST_CASE("of our environment a program gets what was chosen and is set") {
  setenv("GNOMON_TEST_CHOSEN", "a b", 1);
  setenv("GNOMON_TEST_OTHER", "x", 1);
  unsetenv("GNOMON_TEST_UNSET");
  CHECK(chosen_environment({"GNOMON_TEST_UNSET", "GNOMON_TEST_CHOSEN"}) ==
        std::vector<std::string>{"GNOMON_TEST_CHOSEN=a b"});
}
