// SPDX-License-Identifier: GPL-2.0-or-later
// Report mode of the system call filter: the kernel tells a thread of the confined process about each call
// that the list does not allow; the thread names it once on standard error and lets it be carried out.
#pragma once

#include <span>
#include <vector>

#include "base/os/error.hpp"
#include "base/os/sandbox/sandbox.hpp"

namespace gnomon::base {

class RefusalReporter {
 public:
  // The thread exists from here on, since it could not be started under the filter. It uses no memory but its
  // stack: its own calls are under the filter as well, and nobody would answer for them.
  [[nodiscard]] static OsResult<RefusalReporter> start(const char* who, std::span<const AllowedCall> allowed);
  // What the thread does, and what watch() does; to be allowed.
  [[nodiscard]] std::vector<AllowedCall> own_calls() const;
  // Once: `listener` is the descriptor that loading the filter gave. Both stay open for good.
  [[nodiscard]] OsResult<void> watch(int listener) const;

 private:
  RefusalReporter(int reading, int writing) : reading_(reading), writing_(writing) {}
  int reading_;
  int writing_;
};

}  // namespace gnomon::base
