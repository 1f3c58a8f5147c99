// SPDX-License-Identifier: GPL-2.0-or-later
// Which role is restarted, when, and when everything ends: the launcher's decisions, without processes,
// clocks or sockets. The supervisor reports events and carries out the returned actions in order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/log_event.hpp"
#include "base/time.hpp"
#include "daemon/launcher/roles/role_id.hpp"

namespace gnomon::launcher {

namespace action {
struct Spawn {  // start the process; its channel goes to the core at once, or waits for Connect
  RoleId role;
  bool connect = true;
  bool again = false;  // in the place of one that ended, and not because something is new
  friend bool operator==(const Spawn&, const Spawn&) = default;
};
struct Connect {  // hand over the channel of a role that was spawned with connect = false
  RoleId role;
  friend bool operator==(const Connect&, const Connect&) = default;
};
struct Discard {  // close the channel that waits for Connect: the role ends by end of file
  RoleId role;
  friend bool operator==(const Discard&, const Discard&) = default;
};
struct SendStop {  // Stop to the core
  friend bool operator==(const SendStop&, const SendStop&) = default;
};
struct Kill {  // SIGKILL
  RoleId role;
  friend bool operator==(const Kill&, const Kill&) = default;
};
struct AnnounceReady {  // to systemd, and to the shell that waits for the daemon
  friend bool operator==(const AnnounceReady&, const AnnounceReady&) = default;
};
struct Say {
  base::LogEvent event{};
  std::string process;  // the process it is about
  std::string text;
  friend bool operator==(const Say&, const Say&) = default;
};
struct Exit {
  int status = 0;
  friend bool operator==(const Exit&, const Exit&) = default;
};
}  // namespace action
using Action = std::variant<action::Spawn, action::Connect, action::Discard, action::SendStop, action::Kill,
                            action::AnnounceReady, action::Say, action::Exit>;
using Actions = std::vector<Action>;

// How long a role that died is left alone.
inline constexpr base::Duration first_pause = std::chrono::milliseconds{100};
inline constexpr base::Duration longest_pause = std::chrono::seconds{10};  // doubling up to here
inline constexpr base::Duration healthy_after = std::chrono::seconds{60};  // then the back-off starts over
inline constexpr base::Duration renewal_after = std::chrono::seconds{1};   // of a resolver, without a pause
inline constexpr base::Duration certificate_pause = std::chrono::seconds{60};
// A new server role gets the old one's place when it says that it can serve: it loads and tries its
// certificates first thing. One that neither says so nor ends is given up, and the old one goes on.
inline constexpr base::Duration probation_limit = std::chrono::seconds{30};
// One in whose place another is, or that is not needed, ends by itself, as its sessions do. One that does not
// is killed: after this, or when so many of its kind are to leave that the core, which can order others, must
// have gone mad.
inline constexpr base::Duration leaving_limit = std::chrono::seconds{60};
inline constexpr int most_leaving = 8;
inline constexpr base::Duration core_grace = std::chrono::seconds{5};    // after Stop
inline constexpr base::Duration helper_grace = std::chrono::seconds{2};  // after the core's end

class Supervision {
 public:
  // What has been started; the core among them.
  Supervision(const std::vector<RoleId>& started, base::MonoTime now);

  [[nodiscard]] Actions on_ready();
  [[nodiscard]] Actions on_finished(int status, base::MonoTime now);
  [[nodiscard]] Actions on_end(const RoleId& role, RoleEnd end, base::MonoTime now);
  [[nodiscard]] Actions on_spawn_failed(const RoleId& role, const std::string& reason, base::MonoTime now);
  [[nodiscard]] Actions on_stop_request(base::MonoTime now);  // SIGTERM, SIGINT
  // One after the other: when one cannot serve, the others stay what they are.
  [[nodiscard]] Actions on_replace_ke_servers(base::MonoTime now);
  // A new client role takes the old one's place at once; what that was asked is asked again by the core.
  [[nodiscard]] Actions on_replace_ke_client(base::MonoTime now);
  // The core has something for a role on demand to do; it may be there, or about to be started.
  [[nodiscard]] Actions on_wanted(Program program, base::MonoTime now);
  // The core has nothing more for it to do: it ends now.
  void on_released(Program program, base::MonoTime now);
  // The first word of a role whose channel waits for Connect.
  [[nodiscard]] Actions on_ready_signal(const RoleId& role, base::MonoTime now);
  [[nodiscard]] Actions on_time(base::MonoTime now);
  [[nodiscard]] std::optional<base::MonoTime> next_deadline() const;
  // Whether there is a process for those who connect to the NTS-KE port.
  [[nodiscard]] bool serves_ke() const;

 private:
  enum class State : std::uint8_t { running, probation, pausing, retired };
  struct Role {
    RoleId id;
    State state = State::running;
    base::MonoTime started;
    base::MonoTime due;  // of probation, pausing and retired
    base::Duration pause = first_pause;
    bool killed = false;        // by us
    bool crowded_out = false;   // to be killed as one of too many: not worth a word for each
    Actions deferred_messages;  // that it left by itself
  };

  Role* find(const RoleId& id);
  void begin_stop(int status, base::MonoTime deadline);
  void pause_role(Role& role, base::Duration pause, base::MonoTime now);
  void replace_ke_server(std::uint8_t index, base::MonoTime now, Actions& actions);
  void replace_next(base::MonoTime now, Actions& actions);
  void promote(const RoleId& id, base::MonoTime now, Actions& actions);
  void give_up(const RoleId& id, base::MonoTime now, Actions& actions);
  void retire(Role& role, base::MonoTime now);
  Actions on_role_gone(const Role& role, RoleEnd end);
  Actions on_core_end(RoleEnd end, base::MonoTime now);
  Actions on_clock_end(RoleEnd end, base::MonoTime now);
  Actions on_ke_server_end(Role& role, RoleEnd end, base::MonoTime now);
  Actions renew_resolver(Role& role, base::MonoTime now);
  Actions drop_replacement(RoleId id);
  [[nodiscard]] bool would_replace(const Role& role) const;
  Actions restart_later(Role& role, const std::string& what, base::MonoTime now);
  Actions restart_ended(Role& role, RoleEnd end, base::MonoTime now);
  [[nodiscard]] bool all_gone() const;

  std::vector<Role> roles_;
  std::vector<std::uint8_t> to_replace_;  // key establishment servers, the next one last
  std::uint32_t next_generation_ = 1;
  bool ready_ = false;
  bool stopping_ = false;
  bool killed_ = false;
  bool clock_left_ = false;
  int exit_status_ = 0;
  base::MonoTime stop_deadline_{};
};

}  // namespace gnomon::launcher
