// SPDX-License-Identifier: GPL-2.0-or-later
// Where a stopped thread of another process is: its stack, found by the unwind tables of its programs
// (libdw).
#pragma once

#include <elfutils/libdwfl.h>
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gnomon::faults {

struct StackFrame {
  std::string module;         // base name of the program or library
  std::uint64_t offset = 0;   // within it, so that it is the same in every run
  std::uint64_t address = 0;  // where it is in this process
};

class Stacks {
 public:
  // Innermost first; as far as it can be followed.
  [[nodiscard]] std::vector<StackFrame> of(pid_t process, pid_t thread);
  // The function's name as the compiler wrote it, demangled.
  [[nodiscard]] std::string name_of(pid_t process, const StackFrame& frame);
  // Its programs are others now: after execve, or when a library was loaded.
  void forget(pid_t process) { known_.erase(process); }

 private:
  struct End {
    void operator()(Dwfl* dwfl) const { dwfl_end(dwfl); }
  };
  [[nodiscard]] Dwfl* look_at(pid_t process);

  std::map<pid_t, std::unique_ptr<Dwfl, End>> known_;
};

}  // namespace gnomon::faults
