// SPDX-License-Identifier: GPL-2.0-or-later
// Communication with systemd: readiness, watchdog, inherited sockets. For the launcher only; outside systemd
// every call does nothing.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "base/time.hpp"

namespace gnomon::base {

// "READY=1\nSTATUS=..." with descriptors for the fd store ("FDSTORE=1\nFDNAME=..."). False: there is nobody
// to tell.
[[nodiscard]] OsResult<bool> notify_systemd(const std::string& state, std::span<const int> descriptors = {});

struct ActivatedSocket {
  Fd fd;  // close-on-exec
  std::string name;
};
// Takes the descriptors over and clears the environment: a second call gives none.
[[nodiscard]] OsResult<std::vector<ActivatedSocket>> take_activated_sockets();

// A stream to the journal for messages of `identifier`, their priority as "<N>" at the start of each line.
[[nodiscard]] OsResult<Fd> open_journal_stream(const std::string& identifier);

[[nodiscard]] Duration watchdog_interval();  // 0: no watchdog

}  // namespace gnomon::base
