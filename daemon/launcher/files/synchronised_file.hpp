// SPDX-License-Identifier: GPL-2.0-or-later
// A file that is there while the clock is synchronised, as systemd-timesyncd has one: programs watch it
// (systemd-time-wait-sync.service). Owned by the report to systemd.
#pragma once

#include <string>

namespace gnomon::launcher {

// systemd's name for it. The unit has its directory made; without that there is no file.
inline constexpr const char* synchronised_path = "/run/systemd/timesync/synchronized";

class SynchronisedFile {
 public:
  SynchronisedFile() = default;  // none
  // What a process that was killed has left is removed.
  explicit SynchronisedFile(std::string path);
  SynchronisedFile(SynchronisedFile&& other) noexcept;
  SynchronisedFile& operator=(SynchronisedFile&& other) noexcept;
  SynchronisedFile(const SynchronisedFile&) = delete;
  SynchronisedFile& operator=(const SynchronisedFile&) = delete;
  ~SynchronisedFile();

  void set(bool synchronised);

 private:
  std::string path_;
};

}  // namespace gnomon::launcher
