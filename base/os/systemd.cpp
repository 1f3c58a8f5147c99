// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/systemd.hpp"

#include <syslog.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

#include <cstdlib>

namespace gnomon::base {

OsResult<bool> notify_systemd(const std::string& state, std::span<const int> descriptors) {
  const int result = sd_pid_notify_with_fds(0, 0, state.c_str(), descriptors.data(),
                                            static_cast<unsigned>(descriptors.size()));
  if (result < 0) return std::unexpected(OsError{"sd_notify", -result});
  return result > 0;
}

OsResult<std::vector<ActivatedSocket>> take_activated_sockets() {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(1, &names);
  if (count < 0) return std::unexpected(OsError{"sd_listen_fds_with_names", -count});
  std::vector<ActivatedSocket> sockets;
  for (int i = 0; i < count; ++i) {
    sockets.push_back({Fd{SD_LISTEN_FDS_START + i}, names != nullptr ? names[i] : ""});
    if (names != nullptr) free(names[i]);  // NOLINT: malloc'ed by libsystemd
  }
  free(names);  // NOLINT: malloc'ed by libsystemd
  return sockets;
}

OsResult<Fd> open_journal_stream(const std::string& identifier) {
  const int fd = sd_journal_stream_fd(identifier.c_str(), LOG_INFO, 1);
  if (fd < 0) return std::unexpected(OsError{"sd_journal_stream_fd", -fd});
  return Fd{fd};
}

Duration watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return Duration{0};
  return std::chrono::microseconds{static_cast<std::int64_t>(microseconds)};
}

}  // namespace gnomon::base
