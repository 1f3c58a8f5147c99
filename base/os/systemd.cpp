// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/systemd.hpp"

#include <dlfcn.h>
#include <syslog.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace gnomon::base {

namespace {

// libsystemd, which comes with five other libraries in some versions, is loaded where there is a systemd to
// speak with: elsewhere it would cost each start a few milliseconds, and a megabyte. Null: it is missing.
template <class Function>
Function* from_library(const char* name) {
  static void* const library = ::dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
  return library == nullptr ? nullptr : reinterpret_cast<Function*>(::dlsym(library, name));  // NOLINT: POSIX
}

std::unexpected<OsError> missing() {
  return std::unexpected(OsError{"dlopen(libsystemd.so.0)", ENOENT});
}

bool environment_has(const char* name) {
  return std::getenv(name) != nullptr;  // NOLINT(concurrency-mt-unsafe): nobody changes it meanwhile
}

}  // namespace

OsResult<bool> notify_systemd(const std::string& state, std::span<const int> descriptors) {
  if (!environment_has("NOTIFY_SOCKET")) return false;
  const auto notify = from_library<decltype(sd_pid_notify_with_fds)>("sd_pid_notify_with_fds");
  if (notify == nullptr) return missing();
  const int result =
      notify(0, 0, state.c_str(), descriptors.data(), static_cast<unsigned>(descriptors.size()));
  if (result < 0) return std::unexpected(OsError{"sd_notify", -result});
  return result > 0;
}

OsResult<std::vector<ActivatedSocket>> take_activated_sockets() {
  if (!environment_has("LISTEN_FDS")) return {};
  const auto listen = from_library<decltype(sd_listen_fds_with_names)>("sd_listen_fds_with_names");
  if (listen == nullptr) return missing();
  char** names = nullptr;
  const int count = listen(1, &names);
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
  constexpr const char* socket = "/run/systemd/journal/stdout";
  if (access(socket, F_OK) != 0) return std::unexpected(last_error("access"));
  const auto stream = from_library<decltype(sd_journal_stream_fd)>("sd_journal_stream_fd");
  if (stream == nullptr) return missing();
  const int fd = stream(identifier.c_str(), LOG_INFO, 1);
  if (fd < 0) return std::unexpected(OsError{"sd_journal_stream_fd", -fd});
  return Fd{fd};
}

Duration watchdog_interval() {
  if (!environment_has("WATCHDOG_USEC")) return Duration{0};
  const auto enabled = from_library<decltype(sd_watchdog_enabled)>("sd_watchdog_enabled");
  std::uint64_t microseconds = 0;
  if (enabled == nullptr || enabled(0, &microseconds) <= 0) return Duration{0};
  return std::chrono::microseconds{static_cast<std::int64_t>(microseconds)};
}

}  // namespace gnomon::base
