// SPDX-License-Identifier: GPL-2.0-or-later
// What the core asks gnomond to open, because it may not: files of keys, log files, network cards, sockets.
// What it gets is fixed by the configuration, whatever it asks. Owned by the supervisor.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "base/time.hpp"
#include "daemon/launcher/files/core_files.hpp"
#include "daemon/launcher/files/key_files.hpp"
#include "daemon/launcher/roles/core_channel.hpp"
#include "daemon/launcher/roles/role_starter.hpp"
#include "daemon/launcher/sockets/nic_clocks.hpp"
#include "ipc/frame.hpp"

namespace gnomon::launcher {

class OpenRequests {
 public:
  using Answered = std::expected<void, std::string>;  // error: what the core did that it may not do

  // The references outlive this. `signd_directory`: of `ntpsigndsocket`; empty: no answers are signed.
  OpenRequests(RoleStarter& starter, CoreChannel& core, KeyFiles& keys, base::Log& log, CoreFiles files,
               std::string signd_directory, NicClocks nics)
      : starter_(starter),
        core_(core),
        keys_(keys),
        log_(log),
        files_(std::move(files)),
        signd_directory_(std::move(signd_directory)),
        nics_(std::move(nics)) {}

  // The sockets that the core has from the start: those that are opened later share their port.
  [[nodiscard]] base::OsResult<void> remember(const std::vector<base::Fd>& ntp,
                                              const std::vector<base::Fd>& peers);
  // Those of another configuration from now on.
  void set_files(CoreFiles files) { files_ = std::move(files); }

  // nullopt: it asks for nothing that is opened here.
  [[nodiscard]] std::optional<Answered> answer(const ipc::Frame& request);
  // Without a file that can be used the core goes on with what it has, and tells whoever has asked.
  void send_key_secret(base::MonoTime now);
  void send_symmetric_keys();

 private:
  [[nodiscard]] Answered send_file(const ipc::Frame& request);
  [[nodiscard]] Answered send_nics(const ipc::Frame& request);
  void send_signd_socket();
  [[nodiscard]] Answered send_ntp_sockets();
  [[nodiscard]] Answered send_peer_sockets();

  RoleStarter& starter_;
  CoreChannel& core_;
  KeyFiles& keys_;
  base::Log& log_;
  CoreFiles files_;
  std::string signd_directory_;
  NicClocks nics_;
  bool ntp_opened_ = false;      // the sockets of the NTP server
  std::vector<base::Fd> ntp_;    // they: to share their port with those for peers
  bool peers_asked_ = false;     // for sockets to speak with peers
  std::vector<base::Fd> peers_;  // they, which share the port with the NTP server's
};

}  // namespace gnomon::launcher
