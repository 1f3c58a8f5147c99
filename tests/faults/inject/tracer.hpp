// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a program and all that it starts under ptrace, and lets one system call of one call site fail once.
//
// Why not `strace --inject`: it replaces the call by number -1, which a seccomp filter that allows only a
// list answers with death. Here clock_gettime(0, nullptr) takes the call's place, which every role may call
// and which does nothing.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "tests/faults/inject/stacks.hpp"

namespace gnomon::faults {

struct Fault {
  std::string program;  // base name of the file that runs
  long call = 0;
  std::string site;    // hash of the stack, as the list of call sites has it
  int error = 0;       // errno
  int occurrence = 1;  // which of the site's calls
};

class Tracer {
 public:
  // Without a fault the call sites are written to the report.
  Tracer(std::optional<Fault> fault, std::FILE* report) : fault_(std::move(fault)), report_(report) {}
  // The exit status of the program, 128 and more for a signal; when all that it started has ended.
  int run(char* const* program);

 private:
  struct Thread {
    pid_t process = 0;
    std::string program;
    bool in_call = false;
    bool fails = false;
    unsigned long long first = 0, second = 0;  // arguments of the call that was replaced
  };

  void on_stop(pid_t thread, int status);
  void on_event(pid_t thread, int event);
  void on_call(pid_t thread, Thread& known);
  void on_return(pid_t thread, Thread& known);
  void on_end(pid_t thread, int status);
  Thread& know(pid_t thread);
  [[nodiscard]] bool is_to_fail(pid_t thread, const Thread& known, long number);
  void list(pid_t thread, const Thread& known, long number);

  std::optional<Fault> fault_;
  std::FILE* report_;
  Stacks stacks_;
  std::map<pid_t, Thread> threads_;
  std::set<std::string> listed_;
  pid_t first_ = 0;
  int status_ = 0;
};

}  // namespace gnomon::faults
