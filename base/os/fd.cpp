// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/fd.hpp"

#include <fcntl.h>

#include <array>

namespace gnomon::base {

OsResult<Pipe> make_pipe(Blocking blocking) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | (blocking == Blocking::yes ? 0 : O_NONBLOCK)) != 0)
    return std::unexpected(last_error("pipe2"));
  return Pipe{Fd{ends[0]}, Fd{ends[1]}};
}

OsResult<std::vector<Fd>> duplicates_of(std::span<const int> descriptors, int lowest) {
  std::vector<Fd> ours;
  for (const int descriptor : descriptors) {
    ours.emplace_back(fcntl(descriptor, F_DUPFD_CLOEXEC, lowest));
    if (!ours.back()) return std::unexpected(last_error("fcntl(F_DUPFD_CLOEXEC)"));
  }
  return ours;
}

OsResult<std::vector<Fd>> duplicates_of(std::span<const Fd> descriptors) {
  std::vector<int> numbers;
  for (const auto& descriptor : descriptors) numbers.push_back(descriptor.get());
  return duplicates_of(numbers);
}

}  // namespace gnomon::base
