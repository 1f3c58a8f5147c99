// SPDX-License-Identifier: GPL-2.0-or-later
// Carries out what Supervision decides: starts, connects and ends the processes of the roles, and ends
// gnomond. Owned by the supervisor, which tells it what has happened.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/os/fd.hpp"
#include "daemon/launcher/roles/core_channel.hpp"
#include "daemon/launcher/roles/role_id.hpp"
#include "daemon/launcher/roles/role_processes.hpp"
#include "daemon/launcher/roles/role_starter.hpp"
#include "daemon/launcher/roles/start_report.hpp"
#include "daemon/launcher/roles/supervision.hpp"

namespace gnomon::launcher {

class RoleRunner {
 public:
  // The references outlive it.
  RoleRunner(RoleStarter& starter, CoreChannel& core, StartLog& log, StartReport& report,
             const base::Clock& clock)
      : starter_(starter), core_(core), log_(log), report_(report), clock_(clock), processes_(starter) {}

  // The core first, with its ends of the helpers' channels; where it serves, the others but gnomon-clock
  // begin when it does. Error: which role, why, and what to do; those that have been started end by end of
  // file.
  [[nodiscard]] std::expected<void, std::string> start(CoreInheritance inheritance);

  // --- what has happened
  void on_ready() { carry_out(supervision_.on_ready()); }
  void on_finished(int status);
  void on_stop_signal();
  void on_wanted(Program program) { carry_out(supervision_.on_wanted(program, now())); }
  void on_released(Program program) { supervision_.on_released(program, now()); }
  void on_end(const RoleId& role, RoleEnd end);
  void on_time() { carry_out(supervision_.on_time(now())); }
  void replace_ke_servers() { carry_out(supervision_.on_replace_ke_servers(now())); }
  void replace_ke_client() { carry_out(supervision_.on_replace_ke_client(now())); }
  // New roles have said that they are ready, or that they cannot use their certificates.
  void hear_first_words();
  // It breaks the rules, or hangs.
  void kill_core();

  // --- what is to be known
  // Readable: hear_first_words() and on_end() of each that has ended().
  [[nodiscard]] std::vector<int> descriptors() const { return processes_.descriptors(); }
  // Each once; what explains the others in front.
  [[nodiscard]] std::vector<std::pair<RoleId, RoleEnd>> ended() const { return processes_.ended(); }
  [[nodiscard]] std::optional<base::MonoTime> next_deadline() const { return supervision_.next_deadline(); }
  [[nodiscard]] bool serves_ke() const { return supervision_.serves_ke(); }
  [[nodiscard]] bool is_stopping() const { return told_stopping_; }
  // nullopt: not everything has ended.
  [[nodiscard]] std::optional<int> exit_status() const { return exit_status_; }

 private:
  using Ends = std::vector<std::pair<RoleId, base::Fd>>;

  [[nodiscard]] base::MonoTime now() const { return clock_.now().mono; }
  [[nodiscard]] std::expected<Ends, std::string> open_channels(CoreInheritance& inheritance) const;
  [[nodiscard]] std::expected<void, std::string> start_helpers(std::span<const Ends::value_type> ends);
  void begin_stop();
  void carry_out(const Actions& actions);
  void carry(const action::Spawn& spawn);
  void carry(const action::Connect& connect) { hand_over(connect.role); }
  void carry(const action::Discard& discard) { processes_.close_channel(discard.role); }
  void carry(const action::SendStop& stop);
  void carry(const action::Kill& kill);
  void carry(const action::AnnounceReady& ready);
  void carry(const action::Say& say);
  void carry(const action::Exit& exit);
  void hand_over(const RoleId& role);

  RoleStarter& starter_;
  CoreChannel& core_;
  StartLog& log_;
  StartReport& report_;
  const base::Clock& clock_;
  RoleProcesses processes_;
  Supervision supervision_{{}, {}};
  bool told_stopping_ = false;
  bool ordered_to_stop_ = false;  // by a signal
  std::optional<int> exit_status_;
};

}  // namespace gnomon::launcher
