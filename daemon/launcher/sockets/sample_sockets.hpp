// SPDX-License-Identifier: GPL-2.0-or-later
// The sockets of `refclock SOCK` lines, to which gpsd and others send samples. They stay the same for as long
// as gnomond runs: those programs connect once. Owned by the launcher, which removes their files at the end.
#pragma once

#include <string>
#include <vector>

#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "base/os/systemd.hpp"
#include "config/config.hpp"
#include "daemon/launcher/sockets/unix_socket.hpp"

namespace gnomon::launcher {

struct SampleSockets {
  // In the order of the configuration; what could not be made is none, and the log has said why.
  std::vector<base::Fd> sockets;
  std::vector<SocketFile> files;
  std::vector<std::string> paths;  // of those that are there
};

// Those that systemd has made are taken from `inherited`. Only the user who starts gnomond, and root, may
// send to the others. All say who has sent (SO_PASSCRED).
[[nodiscard]] SampleSockets open_sample_sockets(const config::Config& config,
                                                std::vector<base::ActivatedSocket>& inherited,
                                                base::Log& log);

}  // namespace gnomon::launcher
