// SPDX-License-Identifier: GPL-2.0-or-later
// Who is started again, when, and when everything ends: the launcher's decisions, without processes, clocks
// or sockets. The supervisor reports events and carries the returned actions out in order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/log_event.hpp"
#include "base/time.hpp"
#include "daemon/launcher/role_id.hpp"

namespace gnomon::launcher {

namespace action {
struct Spawn {  // start the process; its channel goes to the core at once, or waits for Connect
  RoleId role;
  bool connect = true;
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
struct OrderStop {  // Stop to the core
  friend bool operator==(const OrderStop&, const OrderStop&) = default;
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
  std::string process;  // whom it is about
  std::string text;
  friend bool operator==(const Say&, const Say&) = default;
};
struct Exit {
  int status = 0;
  friend bool operator==(const Exit&, const Exit&) = default;
};
}  // namespace action
using Action = std::variant<action::Spawn, action::Connect, action::Discard, action::OrderStop, action::Kill,
                            action::AnnounceReady, action::Say, action::Exit>;
using Actions = std::vector<Action>;

// How long a role that died is left alone.
inline constexpr base::Duration first_pause = std::chrono::milliseconds{100};
inline constexpr base::Duration longest_pause = std::chrono::seconds{10};  // doubling up to here
inline constexpr base::Duration healthy_after = std::chrono::seconds{60};  // then the pause starts anew
inline constexpr base::Duration certificate_pause = std::chrono::seconds{60};
// A new server role gets the old one's place when it has lived this long: it loads its certificates first
// thing and ends when they are unusable, and then the old one is better than none.
inline constexpr base::Duration probation_time = std::chrono::milliseconds{500};
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
  [[nodiscard]] Actions on_stop_order(base::MonoTime now);  // SIGTERM, SIGINT
  [[nodiscard]] Actions on_replace_ke_servers(base::MonoTime now);
  [[nodiscard]] Actions on_time(base::MonoTime now);
  [[nodiscard]] std::optional<base::MonoTime> next_deadline() const;

 private:
  enum class State : std::uint8_t { running, probation, pausing, retired };
  struct Role {
    RoleId id;
    State state = State::running;
    base::MonoTime started;
    base::MonoTime due;  // of probation and pausing
    base::Duration pause = first_pause;
    bool killed = false;  // by us
  };

  Role* find(const RoleId& id);
  void begin_stop(int status, base::MonoTime deadline);
  void pause_role(Role& role, base::Duration pause, base::MonoTime now);
  void replace_ke_server(std::uint8_t index, base::MonoTime now, Actions& actions);
  void promote(Role& role, Actions& actions);
  Actions on_departure(const Role& role, RoleEnd end);
  Actions on_core_end(RoleEnd end, base::MonoTime now);
  Actions on_clock_end(RoleEnd end, base::MonoTime now);
  Actions on_ke_server_end(Role& role, RoleEnd end, base::MonoTime now);
  Actions restart_later(Role& role, const std::string& what, base::MonoTime now);
  [[nodiscard]] bool all_gone() const;

  std::vector<Role> roles_;
  std::uint32_t next_generation_ = 1;
  bool ready_ = false;
  bool stopping_ = false;
  bool killed_ = false;
  bool clock_left_ = false;
  int exit_status_ = 0;
  base::MonoTime stop_deadline_{};
};

}  // namespace gnomon::launcher
