// SPDX-License-Identifier: GPL-2.0-or-later
// Starts a program with exactly the descriptors it is meant to have, and learns how it ended.
#pragma once

#include <sys/types.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"

namespace gnomon::base {

struct Program {
  std::string path;                      // absolute; PATH is not searched
  std::vector<std::string> arguments;    // argv[1..]; argv[0] is the path
  std::vector<int> descriptors;          // become 3, 4, ... of the program, in this order
  std::vector<std::string> environment;  // NAME=value, and nothing else
  int standard_error = -1;               // and output; -1: ours
  int priority = 0;                      // SCHED_FIFO with this priority; 0: as we are
  int file = -1;  // the program, opened: executed whatever the path names by now; -1: the path is
};

struct Child {
  pid_t pid = -1;
  Fd pidfd;  // readable when it has ended
};
// Standard input is /dev/null, every other descriptor is closed; signal mask and
// dispositions are the default ones.
[[nodiscard]] OsResult<Child> spawn(const Program& program);
// Of our own environment those of these names that are set, as a Program takes them.
[[nodiscard]] std::vector<std::string> chosen_environment(std::initializer_list<const char*> names);

// For the start of this process: no signal is blocked, and none is ignored because whoever started it ignored
// it. With SIGCHLD ignored the kernel keeps no exit status, and nobody learns how a child ended.
void reset_signals();

struct ExitResult {
  bool by_signal = false;
  int code = 0;  // exit status, or the signal
  friend bool operator==(const ExitResult&, const ExitResult&) = default;
};
[[nodiscard]] std::string to_string(const ExitResult& result);  // "exited with status 1", "was killed by ..."

[[nodiscard]] OsResult<ExitResult> wait_for(const Child& child);                     // waits
[[nodiscard]] OsResult<std::optional<ExitResult>> try_wait_for(const Child& child);  // nullopt: still running
[[nodiscard]] OsResult<void> send_signal(const Child& child, int signal);

}  // namespace gnomon::base
