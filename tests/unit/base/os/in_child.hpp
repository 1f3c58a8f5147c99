// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a piece of a test in a process of its own: what gives up privileges cannot take them back.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include "base/os/spawn.hpp"

namespace gnomon::testing {

// `body` returns the exit status.
template <class Body>
base::ExitResult in_child(Body body) {
  const pid_t pid = fork();
  if (pid == 0) _exit(body());
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFSIGNALED(status)) return {true, WTERMSIG(status)};
  return {false, WEXITSTATUS(status)};
}

}  // namespace gnomon::testing
