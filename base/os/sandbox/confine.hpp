// SPDX-License-Identifier: GPL-2.0-or-later
// The one order in which every role drops its privileges: user and capabilities, files, system calls.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/os/credentials.hpp"
#include "base/os/error.hpp"
#include "base/os/sandbox/sandbox.hpp"

namespace gnomon::base {

struct Confinement {
  std::string user;
  bool lock_memory = false;
  CapabilitySet keep = 0;
  LandlockRules files;
  std::vector<AllowedCall> calls;  // on the journal's socket less of them: journal_calls.hpp
  OtherCalls others;
  // Starts threads: Landlock and capabilities are each thread's own, so they come after these, and before the
  // filter, which no thread can be started under.
  std::function<void()> before_filter{};
  const char* who = "this process";  // a literal, for reports
  SandboxMode mode = SandboxMode::enforce;
};
// To be called when everything is open and before the first input is read. Builds with a sanitizer change the
// user and leave the sandbox out. The value says whether and which Landlock there is.
[[nodiscard]] OsResult<LandlockState> confine(const Confinement& confinement);

// A role ends when its channel does, not by the signals that a terminal or systemd sends to all processes at
// once: the core may still have something to finish with it. A file that may not grow is an error (EFBIG)
// like a full disk.
void ignore_termination_signals();

}  // namespace gnomon::base
