// SPDX-License-Identifier: GPL-2.0-or-later
// Server sockets for a `binddevice` that this machine does not have yet: they receive nothing until the
// interface appears, and never anything from other interfaces. Owned by the supervisor.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"

namespace gnomon::launcher {

// Lets through what comes in by that interface; 0: nothing. Of the socket itself, whoever else has it open
// too. No privilege is needed, unlike for SO_BINDTODEVICE on an interface that came back with another index.
[[nodiscard]] base::OsResult<void> hear_only(int socket, unsigned interface);

class AwaitedDevice {
 public:
  AwaitedDevice() = default;  // none
  // `sockets`: stay open elsewhere; bound, and deaf by hear_only(0).
  [[nodiscard]] static base::OsResult<AwaitedDevice> make(const std::string& device,
                                                          const std::vector<int>& sockets);

  [[nodiscard]] const std::string& device() const { return device_; }
  // Whether it is worth looking again and again.
  [[nodiscard]] bool wanted() const { return !sockets_.empty(); }
  struct Change {
    bool is_there = false;
    base::OsResult<void> done;
  };
  // The interface has come, gone, or come back as another one; nullopt: nothing new.
  [[nodiscard]] std::optional<Change> look();

 private:
  std::string device_;
  std::vector<base::Fd> sockets_;  // our own descriptors of them
  unsigned interface_ = 0;
};

}  // namespace gnomon::launcher
