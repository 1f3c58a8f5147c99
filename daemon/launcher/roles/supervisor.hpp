// SPDX-License-Identifier: GPL-2.0-or-later
// Carries out what Supervision decides: owns the processes and their channels, waits for signals, for
// messages from the core and for processes that end, and restarts roles. One thread, one ppoll.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "base/os/path_watch.hpp"
#include "daemon/launcher/files/certificate_watch.hpp"
#include "daemon/launcher/files/configuration_reader.hpp"
#include "daemon/launcher/files/core_files.hpp"
#include "daemon/launcher/files/key_files.hpp"
#include "daemon/launcher/files/source_folders.hpp"
#include "daemon/launcher/roles/core_channel.hpp"
#include "daemon/launcher/roles/core_pace.hpp"
#include "daemon/launcher/roles/role_id.hpp"
#include "daemon/launcher/roles/role_starter.hpp"
#include "daemon/launcher/roles/start_report.hpp"
#include "daemon/launcher/roles/supervision.hpp"
#include "daemon/launcher/roles/timeout.hpp"
#include "daemon/launcher/sockets/awaited_device.hpp"
#include "daemon/launcher/sockets/command_relay.hpp"
#include "daemon/launcher/sockets/listeners.hpp"
#include "daemon/launcher/sockets/nic_clocks.hpp"
#include "ipc/frame.hpp"

namespace gnomon::launcher {

class Supervisor {
 public:
  Supervisor(RoleStarter& starter, StartLog& log, StartReport& report, const base::Clock& clock,
             KeyFiles keys = {}, CertificateWatch certificates = {}, CertificateWatch trust = {},
             SourceFolders sources = {{}, {}}, AwaitedDevices devices = {}, CoreFiles files = {{}, {}},
             std::string signd_directory = {}, NicClocks nics = {}, ConfigurationReader reader = {});

  // The core first, with its ends of the helpers' channels; where it serves, they begin when it does. Error:
  // which role, why, and what to do; those that have been started end by end of file.
  [[nodiscard]] std::expected<void, std::string> start(base::Fd config, Listeners sockets, int control,
                                                       base::Fd mailer = {});
  // Until everything has ended; the exit status.
  [[nodiscard]] int run();

 private:
  struct Process {
    base::Child child;
    base::Fd channel;  // of a helper: until it is handed to the core
  };

  [[nodiscard]] base::MonoTime now() const { return clock_.now().mono; }
  void wait();
  void on_signal();
  void on_core_message();
  void on_core_frame(const ipc::Frame& frame);
  void give_core_its_turn();
  void on_bad_core(const std::string& what);
  void on_sources_request();
  void pass_on_command();
  void on_file_request(const ipc::Frame& frame);
  void on_nics_request(const ipc::Frame& frame);
  [[nodiscard]] std::expected<void, std::string> start_core(const CoreInheritance& inheritance);
  // With these ends of their channels.
  [[nodiscard]] std::expected<void, std::string> start_helpers(
      std::span<const std::pair<RoleId, base::Fd>> ends);
  [[nodiscard]] bool on_reload_frame(const ipc::Frame& frame);
  void read_configuration();
  void send_configuration_part();
  void use_configuration();
  void name_changes() const;
  void turn_away(int listener);
  void reap_ended();
  void carry_out(const Actions& actions);
  void carry(const action::Spawn& spawn);
  void carry(const action::Connect& connect);
  void carry(const action::Discard& discard);
  void carry(const action::SendStop& stop);
  void carry(const action::Kill& kill);
  void carry(const action::AnnounceReady& ready);
  void carry(const action::Say& say);
  void carry(const action::Exit& exit);
  void hand_over(const RoleId& role, base::Fd channel);
  void look_at_core();
  [[nodiscard]] base::MonoTime next_look_at_core() const;
  void send_key_secret();
  void send_symmetric_keys();
  void send_signd_socket();
  void send_ntp_sockets();
  void send_peer_sockets();
  void replace_ke_servers();
  void look_at_certificates();
  void hear_of_files();
  void follow_files();
  void look_at_devices();
  void tell_of_device(const AwaitedDevice& device, bool is_there, const std::string& trouble);
  [[nodiscard]] std::optional<std::string> reopen_ke_listeners();  // what went wrong
  void look_at_trust();
  void use_trust();
  void tell_of_messages();
  void hear_ready_signals();
  [[nodiscard]] Timeout timeout() const;
  void begin_stop();

  RoleStarter& starter_;
  StartLog& log_;
  StartReport& report_;
  const base::Clock& clock_;
  CoreChannel core_;
  CorePace pace_;
  KeyFiles keys_;
  CertificateWatch certificates_;
  CertificateWatch trust_;
  base::Fd signals_;
  SourceFolders sources_;
  base::Fd sources_channel_;  // the core asks for the files there
  CommandRelay commands_;
  AwaitedDevices devices_;
  CoreFiles files_;
  std::string signd_directory_;  // empty: no answers are signed
  bool ntp_opened_ = false;      // the sockets of the NTP server
  std::vector<base::Fd> ntp_;    // they: to share their port with those for peers
  bool peers_asked_ = false;     // for sockets to speak with peers
  std::vector<base::Fd> peers_;  // they, which share the port with the NTP server's
  NicClocks nics_;
  base::PathWatch watch_;  // of the files of keys_, certificates_ and trust_
  base::MonoTime next_hearing_;
  std::optional<base::MonoTime> follow_due_;  // nullopt: they are followed
  ConfigurationReader reader_;
  std::map<RoleId, Process> processes_;
  Supervision supervision_{{}, {}};
  base::Duration ping_interval_{};  // 0: nobody watches us
  base::MonoTime next_ping_;
  std::uint32_t pings_ = 0;     // the last one's number
  std::uint32_t answered_ = 0;  // of the last one that was
  bool core_answers_ = false;   // it has answered one
  std::optional<base::MonoTime> unanswered_since_;
  bool told_stopping_ = false;
  bool ordered_to_stop_ = false;  // by a signal
  std::optional<int> exit_status_;
};

}  // namespace gnomon::launcher
