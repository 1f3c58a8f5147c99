// SPDX-License-Identifier: GPL-2.0-or-later
// Sockets of `binddevice` or `bindcmddevice`: while this machine does not have the interface they receive
// nothing, when it appears, or returns as another one of that name, they are bound to it, and never receive
// anything from other interfaces. Owned by the supervisor.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "base/os/log.hpp"

namespace gnomon::launcher {

// Lets through what comes in by that interface; 0: nothing. Of the socket itself, whoever else has it open
// too.
[[nodiscard]] base::OsResult<void> hear_only(int socket, unsigned interface);
// Binds a UDP socket that has a port to the interface of that name, whatever it was bound to before. No
// privilege is needed, unlike for SO_BINDTODEVICE alone: an unconnected socket that is disconnected loses its
// interface and keeps its port. Nothing of other interfaces comes in meanwhile.
[[nodiscard]] base::OsResult<void> bind_again(int socket, const std::string& device);

class AwaitedDevice {
 public:
  AwaitedDevice() = default;  // none
  // `deaf`: UDP, bound without the interface, and deaf by hear_only(0). `bound`: UDP, to the interface. They
  // stay open elsewhere. `awaited_elsewhere`: other sockets are opened when it comes.
  [[nodiscard]] static base::OsResult<AwaitedDevice> make(const std::string& device,
                                                          const std::vector<int>& deaf,
                                                          const std::vector<int>& bound = {},
                                                          bool awaited_elsewhere = false);

  [[nodiscard]] const std::string& device() const { return device_; }
  // Whether it is worth looking.
  [[nodiscard]] bool wanted() const { return !device_.empty(); }
  struct Change {
    bool is_there = false;
    base::OsResult<void> done;
  };
  // Readable when an interface has come or gone; -1: nobody tells, look again and again.
  [[nodiscard]] int events() const { return events_.get(); }
  void take_events() const;
  // The interface has come, gone, or come back as another one; nullopt: nothing new.
  [[nodiscard]] std::optional<Change> look();

 private:
  std::string device_;
  std::vector<base::Fd> deaf_;  // our own descriptors of them
  std::vector<base::Fd> bound_;
  base::Fd events_;  // netlink
  unsigned interface_ = 0;
};

struct AwaitedDevices {
  AwaitedDevice server;    // binddevice
  AwaitedDevice commands;  // bindcmddevice
};

// What the log says of one of them that has come or gone. `trouble`: why what came cannot be used; empty: it
// can.
void name_change(std::string_view directive, const std::string& device, bool is_there,
                 const std::string& trouble, base::Log& log);

}  // namespace gnomon::launcher
