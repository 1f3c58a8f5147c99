// SPDX-License-Identifier: GPL-2.0-or-later
// A file descriptor with one owner, closed when the owner goes.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/os/error.hpp"

namespace gnomon::base {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}  // takes it over; negative: none
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = other.release();
    }
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { close(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  void close() {
    if (fd_ >= 0) ::close(release());
  }

 private:
  int fd_ = -1;
};

// What follows is close-on-exec.
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
