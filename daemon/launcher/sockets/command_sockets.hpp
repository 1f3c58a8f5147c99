// SPDX-License-Identifier: GPL-2.0-or-later
// The sockets of chrony's control protocol: UDP on loopback, and a Unix socket in a directory of its own.
#pragma once

#include <string>
#include <vector>

#include "base/os/fd.hpp"
#include "base/os/systemd.hpp"
#include "config/command_line.hpp"
#include "config/config.hpp"
#include "daemon/launcher/sockets/command_folder.hpp"
#include "daemon/launcher/sockets/unix_socket.hpp"

namespace gnomon::launcher {

struct CommandSockets {
  std::vector<base::Fd> udp;
  base::Fd unix_socket;  // tells who sends
  SocketFile file;
  std::vector<std::string> failures;  // "127.0.0.1:323 (bind: Address already in use)"
  std::vector<int> deaf;   // those among `udp` that wait for `bindcmddevice`, see awaited_device.hpp
  std::vector<int> bound;  // those that are bound to it
};

// Where they are to be, as `cmdport`, `bindcmdaddress` and -4 or -6 say.
[[nodiscard]] std::vector<base::Endpoint> plan_command_endpoints(const config::ControlSettings& control,
                                                                 base::AddressFamily family);
// Those of the service manager with the same address or path are taken out of `inherited`. An address of
// loopback that this machine does not have, and that nobody has asked for, is no failure.
[[nodiscard]] CommandSockets open_command_sockets(const config::Config& config,
                                                  const config::CommandLine& options,
                                                  const FolderOwners& owners,
                                                  std::vector<base::ActivatedSocket>& inherited);

}  // namespace gnomon::launcher
