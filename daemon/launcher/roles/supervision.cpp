// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/supervision.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace gnomon::launcher {
namespace {

using base::LogEvent;

Action say(LogEvent event, std::string process, std::string text) {
  return action::Say{event, std::move(process), std::move(text)};
}

Action say_clock_ended(RoleEnd end) {
  return say(
      LogEvent::clock_ended, "gnomon-clock",
      fmt::format("gnomon-clock {}: nothing can steer the clock any longer, gnomond stops", to_string(end)));
}

// How a role ends whose channel the core has closed, or the core's own end has.
constexpr RoleEnd left{};

double in_seconds(base::Duration duration) {
  return base::to_seconds(duration).count();
}

Action say_not_replaced(const RoleId& id, const std::string& what) {
  const auto name = to_string(id);
  return say(LogEvent::ke_server_not_replaced, name,
             fmt::format("the new {} {}: the one with the previous certificates continues", name, what));
}

}  // namespace

Supervision::Supervision(const std::vector<RoleId>& started, base::MonoTime now) {
  for (const auto& id : started) roles_.push_back({.id = id, .started = now});
}

Supervision::Role* Supervision::find(const RoleId& id) {
  const auto at = std::ranges::find(roles_, id, &Role::id);
  return at == roles_.end() ? nullptr : &*at;
}

bool Supervision::all_gone() const {
  return std::ranges::all_of(roles_, [](const Role& role) { return role.state == State::pausing; });
}

void Supervision::begin_stop(int status, base::MonoTime deadline) {
  if (!stopping_) exit_status_ = status;
  stopping_ = true;
  stop_deadline_ = deadline;
  std::erase_if(roles_, [](const Role& role) { return role.state == State::pausing; });
}

Actions Supervision::on_ready() {
  if (ready_) return {};
  ready_ = true;
  return {action::AnnounceReady{}};
}

Actions Supervision::on_finished(int status, base::MonoTime now) {
  // Once told to stop, the status decided then stays, unless saving the state failed.
  if (stopping_ && exit_status_ == 0) exit_status_ = status;
  begin_stop(status, now + core_grace);
  return {};
}

Actions Supervision::on_stop_request(base::MonoTime now) {
  if (stopping_) return {};
  begin_stop(0, now + core_grace);
  return {action::SendStop{}};
}

Actions Supervision::on_end(const RoleId& id, RoleEnd end, base::MonoTime now) {
  Role* role = find(id);
  if (role == nullptr) return {};
  if (id.program == Program::core) return on_core_end(end, now);
  if (stopping_ || role->state == State::retired) {
    return on_role_gone(*role, end);
  }
  if (id.program == Program::clock) return on_clock_end(end, now);
  if (id.program == Program::ke_server) return on_ke_server_end(*role, end, now);
  if (id.program == Program::resolve && end == name_files_changed) return renew_resolver(*role, now);
  if (id.program == Program::refclock && end == devices_changed) {
    pause_role(*role, first_pause, now);
    return {};  // it has told
  }
  return restart_ended(*role, end, now);
}

// One that was to go. That the clock helper died can be known later than that the core ends because of it.
Actions Supervision::on_role_gone(const Role& role, RoleEnd end) {
  Actions actions;
  const RoleId id = role.id;
  if (id.program == Program::clock && end != left && !role.killed) {
    actions.push_back(say_clock_ended(end));
    if (exit_status_ == 0) exit_status_ = 1;
  }
  std::erase_if(roles_, [&](const Role& each) { return each.id == id; });
  if (stopping_ && all_gone()) actions.emplace_back(action::Exit{exit_status_});
  return actions;
}

Actions Supervision::on_core_end(RoleEnd end, base::MonoTime now) {
  Actions actions;
  const bool unexpected = !stopping_ || (clock_left_ && end != left);
  if (unexpected) {
    const char* const when = ready_ ? "" : " before it was ready";
    actions.push_back(
        say(LogEvent::core_ended, "gnomon-core",
            fmt::format(
                "gnomon-core {}{}: gnomond cannot continue without it and stops; its last messages say why",
                to_string(end), when)));
    begin_stop(1, now + helper_grace);
  } else if (clock_left_) {
    actions.push_back(say_clock_ended(left));
  } else if (exit_status_ == 0) {
    exit_status_ = end.killed ? 1 : end.value;
  }
  std::erase_if(roles_, [](const Role& role) { return role.id.program == Program::core; });
  for (const auto& role : roles_)
    if (role.state == State::probation) actions.emplace_back(action::Discard{role.id});
  stop_deadline_ = now + helper_grace;
  killed_ = false;
  if (all_gone()) actions.emplace_back(action::Exit{exit_status_});
  return actions;
}

Actions Supervision::on_clock_end(RoleEnd end, base::MonoTime now) {
  std::erase_if(roles_, [](const Role& role) { return role.id.program == Program::clock; });
  begin_stop(1, now + core_grace);
  // It leaves when the core is gone: then the core's end, not known yet, is the news.
  clock_left_ = end == left;
  if (clock_left_) return {action::SendStop{}};
  return {say_clock_ended(end), action::SendStop{}};
}

// Whether there is one that goes on if this one cannot serve.
bool Supervision::would_replace(const Role& role) const {
  return role.state == State::probation && std::ranges::any_of(roles_, [&](const Role& each) {
           return each.id.program == Program::ke_server && each.id.index == role.id.index &&
                  each.id != role.id && each.state != State::retired;
         });
}

// By value: the role that it is part of goes.
Actions Supervision::drop_replacement(RoleId id) {
  to_replace_.clear();
  std::erase_if(roles_, [&](const Role& each) { return each.id == id; });
  return {action::Discard{id}};
}

Actions Supervision::on_ke_server_end(Role& role, RoleEnd end, base::MonoTime now) {
  const auto name = to_string(role.id);
  if (would_replace(role)) {
    const RoleId id = role.id;
    auto actions = drop_replacement(id);
    // Of certificates that cannot be used it has told all there is to say.
    if (end != unusable_certificate) actions.push_back(say_not_replaced(id, to_string(end)));
    return actions;
  }
  if (end != unusable_certificate) return restart_ended(role, end, now);
  pause_role(role, certificate_pause, now);
  return {say(LogEvent::ke_server_pauses, name,
              fmt::format("{} cannot use its certificate or key: no NTS key exchange until that is fixed, "
                          "everything else works; retried when the files change, and in {:.0f} s",
                          name, in_seconds(certificate_pause)))};
}

// At once, as names wait for it; but files that change all the time are no reason to start processes all the
// time.
Actions Supervision::renew_resolver(Role& role, base::MonoTime now) {
  if (now - role.started >= renewal_after) role.pause = first_pause;
  pause_role(role, now - role.started >= renewal_after ? base::Duration{0} : role.pause, now);
  role.pause = std::min(role.pause * 2, longest_pause);
  return {say(LogEvent::resolver_renewed, to_string(role.id),
              "The files used to resolve names have changed: gnomon-resolve is restarted")};
}

void Supervision::pause_role(Role& role, base::Duration pause, base::MonoTime now) {
  role.state = State::pausing;
  role.due = now + pause;
}

Actions Supervision::restart_later(Role& role, const std::string& what, base::MonoTime now) {
  if (now - role.started >= healthy_after) role.pause = first_pause;
  Actions actions;
  if (role.state == State::probation) actions.emplace_back(action::Discard{role.id});
  actions.push_back(
      say(LogEvent::role_restarts, to_string(role.id),
          fmt::format("{} {}: restarted in {:.1f} s", to_string(role.id), what, in_seconds(role.pause))));
  pause_role(role, role.pause, now);
  role.pause = std::min(role.pause * 2, longest_pause);
  return actions;
}

// It leaves when the core has gone, which can be known later: told when the core is still there then.
Actions Supervision::restart_ended(Role& role, RoleEnd end, base::MonoTime now) {
  auto actions = restart_later(role, to_string(end), now);
  if (end != left) return actions;
  role.deferred_messages = {actions.back()};
  actions.pop_back();
  return actions;
}

Actions Supervision::on_spawn_failed(const RoleId& id, const std::string& reason, base::MonoTime now) {
  Role* role = find(id);
  if (role == nullptr || stopping_) return {};
  if (would_replace(*role)) {
    auto actions = drop_replacement(id);
    actions.push_back(say_not_replaced(id, fmt::format("could not be started ({})", reason)));
    return actions;
  }
  return restart_later(*role, fmt::format("could not be started ({})", reason), now);
}

void Supervision::replace_ke_server(std::uint8_t index, base::MonoTime now, Actions& actions) {
  base::Duration pause = first_pause;
  bool serving = false;
  for (const auto& role : roles_) {
    if (role.id.program != Program::ke_server || role.id.index != index) continue;
    pause = role.pause;
    serving = serving || role.state == State::running;
  }
  std::erase_if(roles_, [&](const Role& role) {
    return role.id.program == Program::ke_server && role.id.index == index && role.state == State::pausing;
  });
  const RoleId id{Program::ke_server, index, next_generation_++};
  roles_.push_back({.id = id,
                    .state = serving ? State::probation : State::running,
                    .started = now,
                    .due = now + probation_limit,
                    .pause = pause});
  actions.emplace_back(action::Spawn{id, !serving});
}

Actions Supervision::on_replace_ke_servers(base::MonoTime now) {
  if (stopping_) return {};
  to_replace_.clear();
  for (const auto& role : roles_)
    if (role.id.program == Program::ke_server) to_replace_.push_back(role.id.index);
  std::ranges::sort(to_replace_, std::greater{});
  const auto repeated = std::ranges::unique(to_replace_);
  to_replace_.erase(repeated.begin(), repeated.end());
  if (to_replace_.empty()) return {};
  Actions actions{say(LogEvent::certificates_reread, "gnomon-ntske",
                      "Reading the NTS certificates again for new server processes")};
  for (const auto& role : roles_)
    if (role.state == State::probation) give_up(role.id, now, actions);
  replace_next(now, actions);
  return actions;
}

Actions Supervision::on_replace_ke_client(base::MonoTime now) {
  if (stopping_) return {};
  const auto is_at_work = [](const Role& role) {
    return role.id.program == Program::ke_client && role.state == State::running;
  };
  const auto old = std::ranges::find_if(roles_, is_at_work);
  // One that rests, or is to be started, will read what there is then.
  if (old == roles_.end()) return {};
  retire(*old, now);
  const RoleId id{Program::ke_client, 0, next_generation_++};
  roles_.push_back({.id = id, .started = now});
  return {action::Spawn{id}};
}

// What it says again as each one before it is a repetition.
Actions Supervision::on_wanted(Program program, base::MonoTime now) {
  const auto is_one = [program](const Role& role) {
    return role.id.program == program && role.state != State::retired;
  };
  if (stopping_ || std::ranges::any_of(roles_, is_one)) return {};
  const RoleId id{program, 0, next_generation_++};
  roles_.push_back({.id = id, .started = now});
  return {action::Spawn{.role = id, .again = true}};
}

void Supervision::on_released(Program program, base::MonoTime now) {
  for (auto& role : roles_)
    if (role.id.program == program && role.state == State::running) retire(role, now);
}

void Supervision::retire(Role& role, base::MonoTime now) {
  if (role.state == State::retired) return;
  role.state = State::retired;
  role.due = now + leaving_limit;
  const auto is_leaving = [&role](const Role& each) {
    return each.id.program == role.id.program && each.id.index == role.id.index &&
           each.state == State::retired && !each.killed;
  };
  if (std::ranges::count_if(roles_, is_leaving) <= most_leaving) return;
  // They stand in the order of their start.
  auto& first = *std::ranges::find_if(roles_, is_leaving);
  first.due = now;
  first.crowded_out = true;
}

// Those that serve nobody in the meantime need not wait for each other.
void Supervision::replace_next(base::MonoTime now, Actions& actions) {
  while (!to_replace_.empty() && std::ranges::find(roles_, State::probation, &Role::state) == roles_.end()) {
    const auto index = to_replace_.back();
    to_replace_.pop_back();
    replace_ke_server(index, now, actions);
  }
}

Actions Supervision::on_ready_signal(const RoleId& id, base::MonoTime now) {
  const Role* role = find(id);
  if (role == nullptr || role->state != State::probation || stopping_) return {};
  Actions actions;
  promote(id, now, actions);
  replace_next(now, actions);
  return actions;
}

void Supervision::promote(const RoleId& id, base::MonoTime now, Actions& actions) {
  const auto is_older = [&](const Role& other) {
    return other.id.program == Program::ke_server && other.id.index == id.index && other.id != id;
  };
  std::erase_if(roles_, [&](const Role& other) { return is_older(other) && other.state == State::pausing; });
  for (auto& role : roles_)
    if (is_older(role))
      retire(role, now);
    else if (role.id == id)
      role.state = State::running;
  actions.emplace_back(action::Connect{id});
}

// It ends by end of file, if it still reads.
void Supervision::give_up(const RoleId& id, base::MonoTime now, Actions& actions) {
  actions.emplace_back(action::Discard{id});
  if (Role* const role = find(id)) retire(*role, now);
}

Actions Supervision::on_time(base::MonoTime now) {
  Actions actions;
  if (stopping_) {
    if (now < stop_deadline_ || killed_) return {};
    killed_ = true;
    for (auto& role : roles_) {
      role.killed = true;
      actions.push_back(say(LogEvent::role_killed, to_string(role.id),
                            fmt::format("{} did not exit and is killed", to_string(role.id))));
      actions.emplace_back(action::Kill{role.id});
    }
    return actions;
  }
  for (auto& role : roles_) {
    if (role.due > now) continue;
    if (role.state == State::probation) {
      to_replace_.clear();
      give_up(role.id, now, actions);
      role.killed = true;
      actions.emplace_back(action::Kill{role.id});
      actions.push_back(say_not_replaced(
          role.id, fmt::format("was not ready within {:.0f} s and is killed", in_seconds(probation_limit))));
    }
    if (role.state == State::retired && !std::exchange(role.killed, true)) {
      if (!role.crowded_out)
        actions.push_back(say(LogEvent::role_killed, to_string(role.id),
                              fmt::format("{} was to leave and did not: it is killed", to_string(role.id))));
      actions.emplace_back(action::Kill{role.id});
    }
    if (role.state != State::pausing) continue;
    role.state = State::running;
    role.started = now;
    role.id.generation = next_generation_++;
    std::ranges::move(std::exchange(role.deferred_messages, {}), std::back_inserter(actions));
    actions.emplace_back(action::Spawn{.role = role.id, .again = true});
  }
  return actions;
}

bool Supervision::serves_ke() const {
  return std::ranges::any_of(roles_, [](const Role& role) {
    return role.id.program == Program::ke_server && role.state != State::pausing;
  });
}

std::optional<base::MonoTime> Supervision::next_deadline() const {
  if (stopping_) return killed_ ? std::nullopt : std::optional{stop_deadline_};
  std::optional<base::MonoTime> first;
  for (const auto& role : roles_) {
    if (role.state == State::running || role.killed) continue;
    if (!first || role.due < *first) first = role.due;
  }
  return first;
}

}  // namespace gnomon::launcher
