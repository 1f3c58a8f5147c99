// SPDX-License-Identifier: GPL-2.0-or-later
// Pipes, and further descriptors of what is open; all of them close-on-exec.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"

namespace gnomon::base {

struct Pipe {
  Fd reader;
  Fd writer;
};
enum class Blocking : std::uint8_t { yes, no };
[[nodiscard]] OsResult<Pipe> make_pipe(Blocking blocking);

// Of each of them one more, not below `lowest`.
[[nodiscard]] OsResult<std::vector<Fd>> duplicates_of(std::span<const int> descriptors, int lowest = 0);
[[nodiscard]] OsResult<std::vector<Fd>> duplicates_of(std::span<const Fd> descriptors);

}  // namespace gnomon::base
