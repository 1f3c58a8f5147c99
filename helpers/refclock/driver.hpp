// SPDX-License-Identifier: GPL-2.0-or-later
// What gnomon-refclock knows of a device: how it is opened, polled and read. Owned by the table of devices.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/os/log.hpp"
#include "base/os/sandbox/call_groups.hpp"
#include "ipc/refclock_messages.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::refclock {

using Readings = std::vector<ipc::RefclockReading>;

// A failure, as a clause for the operator: what, and what to do about it.
struct Failure {
  std::string what;
  bool gone = false;  // until its file changes: it does not exist (any more), or is not ours
  bool told = false;  // by gnomond: the log has it already
};

class Driver {
 public:
  Driver() = default;
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;
  virtual ~Driver() = default;

  // At each poll of the device: appends what there is.
  [[nodiscard]] virtual std::expected<void, Failure> poll(Readings& readings) = 0;
  // Becomes readable when there is something to be read in between; -1: never.
  [[nodiscard]] virtual int descriptor() const { return -1; }
  [[nodiscard]] virtual std::expected<void, Failure> read(Readings& /*readings*/) { return {}; }
  // What it calls after it has been opened.
  virtual void add_calls(base::CallList& calls) const = 0;
};

using Opened = std::expected<std::unique_ptr<Driver>, Failure>;
// `socket`: of a SOCK, taken over; -1: there is none.
[[nodiscard]] Opened open_driver(const ipc::RefclockDevice& device, int socket);

}  // namespace gnomon::refclock
