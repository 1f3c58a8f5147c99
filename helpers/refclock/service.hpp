// SPDX-License-Identifier: GPL-2.0-or-later
// The devices of gnomon-refclock and when each is polled. What they say is returned as messages for the core,
// which has use for it when a poll interval is over: until then it is kept, as each message costs both more
// than the reading does. One that fails is told once, and the others go on. Owned by the program, in a
// simulation by the single process.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/os/log.hpp"
#include "base/time.hpp"
#include "helpers/refclock/driver.hpp"

namespace gnomon::refclock {

using Messages = std::vector<ipc::RefclockReadings>;

class Service {
 public:
  // setup.sockets are taken over.
  Service(const ipc::RefclockSetup& setup, base::Log& log);

  // Once, with the rights to do so. The log says what cannot be opened.
  void open(base::MonoTime now);
  // What the opened devices call.
  [[nodiscard]] base::CallList calls() const;

  [[nodiscard]] base::MonoTime next_due() const;
  [[nodiscard]] Messages on_time(base::MonoTime now);
  // Of those that become readable.
  [[nodiscard]] std::vector<int> descriptors() const;
  [[nodiscard]] Messages on_readable(int descriptor, base::MonoTime now);
  // A device that was missing, or another than was opened, is there now: the process has to begin again to
  // open it. Told in the log.
  [[nodiscard]] bool devices_changed() const { return changed_; }

 private:
  struct FileId {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t created = 0;  // ns
    friend bool operator==(const FileId&, const FileId&) = default;
  };
  struct Device {
    ipc::RefclockDevice line;
    std::uint8_t index = 0;
    int socket = -1;
    std::unique_ptr<Driver> driver;  // null: it could not be opened
    base::MonoTime due;
    base::Duration period{};
    int polls = 0;  // since its last poll interval ended
    int polls_of_interval = 1;
    std::optional<FileId> file;  // as it was opened; nullopt: there was none
    bool failing = false;
    bool gone = false;
  };
  void open(Device& device);
  // False: its poll interval goes on.
  [[nodiscard]] bool poll(Device& device, base::MonoTime now, Messages& messages);
  void keep(ipc::RefclockPoll poll, Messages& messages);
  void hand_over(Messages& messages);
  [[nodiscard]] bool is_overdue(base::MonoTime now) const;
  void fail(Device& device, const Failure& failure);
  void recover(Device& device);
  void look_for_devices(base::MonoTime now);
  [[nodiscard]] static std::optional<FileId> file_of(const ipc::RefclockDevice& line);

  base::Log& log_;
  std::vector<Device> devices_;
  bool at_once_;
  ipc::RefclockReadings kept_;
  std::size_t readings_kept_ = 0;
  base::MonoTime next_look_ = base::MonoTime::max();  // for devices that are missing
  bool changed_ = false;
};

}  // namespace gnomon::refclock
