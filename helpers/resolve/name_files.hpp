// SPDX-License-Identifier: GPL-2.0-or-later
// The files that the system's resolver and its modules read, as they were when this process was confined to
// them, and whether they are still the same. Owned by main.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace gnomon::resolve {

// What nsswitch.conf says of hosts: the names of the modules, in order. Without such a line, as the C library
// has it.
[[nodiscard]] std::vector<std::string> host_modules(const std::string& nsswitch);
// Whether one of them asks a service on this machine (systemd-resolved, Avahi, sssd, ...), over a Unix
// socket.
[[nodiscard]] bool needs_unix_sockets(const std::vector<std::string>& modules);

class NameFiles {
 public:
  // `root`: what stands before all paths; for tests.
  explicit NameFiles(const std::string& root = {});

  // Files to be read, with those that are not there yet.
  [[nodiscard]] const std::vector<std::string>& to_read() const { return to_read_; }
  // Where changes count: those, and the sockets of nscd.
  [[nodiscard]] const std::vector<std::string>& watched() const { return watched_; }
  // By the modules that nsswitch.conf named at the start, or a socket of nscd's.
  [[nodiscard]] bool need_unix_sockets() const { return need_unix_sockets_; }

  // Another file has the name, or one is there that was not, or none any more: a process that may read the
  // former ones alone, by name, cannot do with it.
  [[nodiscard]] bool replaced() const;
  // The same, or something else stands in one.
  [[nodiscard]] bool changed() const;

 private:
  struct State {
    bool present = false;
    dev_t device = 0;
    ino_t inode = 0;
    std::int64_t modified = 0;  // ns since 1970
    off_t size = 0;
  };
  [[nodiscard]] static State look_at(const std::string& path);

  std::vector<std::string> to_read_;
  std::vector<std::string> watched_;  // those, and the sockets of nscd
  std::vector<State> states_;         // of the watched ones
  bool need_unix_sockets_ = false;
};

}  // namespace gnomon::resolve
