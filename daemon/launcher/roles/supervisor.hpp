// SPDX-License-Identifier: GPL-2.0-or-later
// What gnomond does once it has started: waits for signals, for messages from the core, for processes that
// end and for changes around it, and has its parts do what follows. One thread, one ppoll.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "daemon/launcher/files/certificate_watch.hpp"
#include "daemon/launcher/files/configuration_reader.hpp"
#include "daemon/launcher/files/core_files.hpp"
#include "daemon/launcher/files/key_files.hpp"
#include "daemon/launcher/files/source_channel.hpp"
#include "daemon/launcher/files/source_folders.hpp"
#include "daemon/launcher/files/watched_files.hpp"
#include "daemon/launcher/roles/core_channel.hpp"
#include "daemon/launcher/roles/core_pace.hpp"
#include "daemon/launcher/roles/core_watchdog.hpp"
#include "daemon/launcher/roles/open_requests.hpp"
#include "daemon/launcher/roles/poll_set.hpp"
#include "daemon/launcher/roles/role_runner.hpp"
#include "daemon/launcher/roles/role_starter.hpp"
#include "daemon/launcher/roles/signals.hpp"
#include "daemon/launcher/roles/start_report.hpp"
#include "daemon/launcher/roles/timeout.hpp"
#include "daemon/launcher/sockets/awaited_device.hpp"
#include "daemon/launcher/sockets/command_relay.hpp"
#include "daemon/launcher/sockets/listeners.hpp"
#include "daemon/launcher/sockets/nic_clocks.hpp"
#include "ipc/frame.hpp"

namespace gnomon::launcher {

// What a supervisor looks after besides processes; by default nothing.
struct Supplies {
  KeyFiles keys{};
  CertificateWatch certificates{};
  CertificateWatch trust{};
  SourceFolders sources{{}, {}};
  AwaitedDevices devices{};
  CoreFiles files{{}, {}};
  std::string signd_directory{};  // empty: no answers are signed
  NicClocks nics{};
  ConfigurationReader reader{};
};

class Supervisor {
 public:
  // The references outlive it.
  Supervisor(RoleStarter& starter, StartLog& log, StartReport& report, const base::Clock& clock,
             Supplies supplies = {});

  // The core first, with its ends of the helpers' channels; where it serves, they begin when it does. Error:
  // which role, why, and what to do; those that have been started end by end of file.
  [[nodiscard]] std::expected<void, std::string> start(base::Fd config, Listeners sockets, int control,
                                                       base::Fd mailer = {});
  // Until everything has ended; the exit status.
  [[nodiscard]] int run();

 private:
  [[nodiscard]] base::MonoTime now() const { return clock_.now().mono; }
  [[nodiscard]] std::expected<void, std::string> open_side_channels(base::Fd command_socket,
                                                                    CoreInheritance& inheritance);

  [[nodiscard]] bool wait();  // false: it cannot be waited
  void await_all(PollSet& awaited);
  void do_what_is_due();
  [[nodiscard]] Timeout timeout() const;
  void on_signals();
  void hear_roles();

  void on_core_message();
  void give_core_its_turn();
  void on_core_frame(const ipc::Frame& frame);
  // Whether it was a message of these, and could be read.
  [[nodiscard]] bool on_state_frame(const ipc::Frame& frame);
  [[nodiscard]] bool on_role_frame(const ipc::Frame& frame);
  [[nodiscard]] bool on_reload_frame(const ipc::Frame& frame);
  void on_bad_core(const std::string& what);
  void on_sources_request();
  void pass_on_command();
  void look_at_core();
  void tell_of_messages();

  void read_configuration();
  void send_configuration_part();
  void use_configuration();

  void look_at_files();
  void replace_ke_servers();
  void use_trust();
  void look_at_devices();
  [[nodiscard]] std::optional<std::string> reopen_ke_listeners();  // what went wrong

  RoleStarter& starter_;
  StartLog& log_;
  StartReport& report_;
  const base::Clock& clock_;
  Signals signals_;
  CoreChannel core_;
  CorePace pace_;
  CoreWatchdog watchdog_;
  KeyFiles keys_;
  WatchedFiles watched_;
  SourceFolders folders_;  // until the start
  SourceChannel sources_;
  CommandRelay commands_;
  AwaitedDevices devices_;
  OpenRequests requests_;
  ConfigurationReader reader_;
  RoleRunner roles_;
};

}  // namespace gnomon::launcher
