// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/role_runner.hpp"

#include <algorithm>
#include <chrono>
#include <variant>

#include <fmt/format.h>

#include "base/os/channel.hpp"
#include "daemon/launcher/files/clock_memory.hpp"
#include "ipc/certificate_messages.hpp"
#include "ipc/codec.hpp"
#include "ipc/launcher_messages.hpp"

namespace gnomon::launcher {
namespace {

// A core that takes longer than this to begin is not waited for.
constexpr base::Duration head_start = std::chrono::milliseconds{100};

// The core is nobody that the core could be connected to.
std::optional<ipc::Role> role_of(Program program) {
  switch (program) {
    case Program::clock:
      return ipc::Role::clock;
    case Program::ke_client:
      return ipc::Role::ke_client;
    case Program::ke_server:
      return ipc::Role::ke_server;
    case Program::resolve:
      return ipc::Role::resolve;
    case Program::refclock:
      return ipc::Role::refclock;
    case Program::metrics:
      return ipc::Role::metrics;
    case Program::core:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::expected<void, std::string> RoleRunner::start(CoreInheritance inheritance) {
  const auto ends = open_channels(inheritance);
  if (!ends) return std::unexpected(ends.error());
  // First: nobody is served before it is there. It asks the clock at once, and does without the others for a
  // while: those who are served wait no longer because these begin, too.
  auto core = processes_.start_core(inheritance);
  if (!core) return std::unexpected(core.error());
  core_.open(std::move(*core));
  const auto is_clock = [](const auto& end) { return end.first.program == Program::clock; };
  const auto clocks = static_cast<std::size_t>(std::ranges::count_if(*ends, is_clock));  // in front
  if (auto clock = start_helpers(std::span{*ends}.first(clocks)); !clock) return clock;
  if (!inheritance.ntp_sockets.empty() && starter_.core_is_ready_alone()) core_.wait_for_word(head_start);
  if (auto others = start_helpers(std::span{*ends}.subspan(clocks)); !others) return others;
  supervision_ = Supervision{processes_.all(), now()};
  return {};
}

// The helpers' ends; the core inherits the others.
std::expected<RoleRunner::Ends, std::string> RoleRunner::open_channels(CoreInheritance& inheritance) const {
  Ends ends;
  for (const auto& role : starter_.helpers()) {
    auto channel = base::make_channel();
    if (!channel) return std::unexpected("Could not create a channel: " + base::to_string(channel.error()));
    inheritance.helpers.emplace_back(role, std::move(channel->ours));
    ends.emplace_back(role, std::move(channel->theirs));
  }
  return ends;
}

std::expected<void, std::string> RoleRunner::start_helpers(std::span<const Ends::value_type> ends) {
  if (ends.empty()) return {};
  starter_.choose_users();
  return processes_.start_helpers(ends);
}

void RoleRunner::begin_stop() {
  if (!told_stopping_) report_.stopping();
  told_stopping_ = true;
}

void RoleRunner::on_finished(int status) {
  begin_stop();
  carry_out(supervision_.on_finished(status, now()));
}

void RoleRunner::on_stop_signal() {
  ordered_to_stop_ = true;
  forget_clock_memory();
  begin_stop();
  carry_out(supervision_.on_stop_request(now()));
}

void RoleRunner::on_end(const RoleId& role, RoleEnd end) {
  log_.write(base::LogEvent::role_ended, fmt::format("{} {}", to_string(role), to_string(end)),
             {{base::LogField::process, to_string(role)}, {base::LogField::reason, to_string(end)}});
  processes_.forget(role);
  carry_out(supervision_.on_end(role, end, now()));
}

void RoleRunner::hear_first_words() {
  const auto words = processes_.hear();
  for (const auto& reason : words.refused) core_.tell(ipc::encode(ipc::CertificatesRefused{reason}, 0));
  for (const auto& role : words.ready) carry_out(supervision_.on_ready_signal(role, now()));
}

void RoleRunner::kill_core() {
  carry(action::Kill{{Program::core}});
}

void RoleRunner::carry_out(const Actions& actions) {
  for (const auto& each : actions) std::visit([this](const auto& action) { carry(action); }, each);
}

void RoleRunner::carry(const action::Spawn& spawn) {
  if (const auto started = processes_.start_later(spawn); !started)
    return carry_out(supervision_.on_spawn_failed(spawn.role, started.error(), now()));
  if (spawn.connect) hand_over(spawn.role);
}

void RoleRunner::carry(const action::SendStop&) {
  begin_stop();
  // An end of file makes it save its state and end as well; killed later it would not.
  if (!core_.tell(ipc::encode(ipc::Stop{}, 0))) core_.close();
}

void RoleRunner::carry(const action::Kill& kill) {
  if (const auto sent = processes_.kill(kill.role); !sent)
    log_.write(
        base::LogEvent::role_not_killed,
        fmt::format("{} could not be killed: {}", to_string(kill.role), base::to_string(sent.error())),
        {{base::LogField::process, to_string(kill.role)}, {base::LogField::os_error, sent.error().code}});
}

void RoleRunner::carry(const action::AnnounceReady&) {
  log_.forget_terminal();
  report_.ready();
}

void RoleRunner::carry(const action::Say& say) {
  log_.write(say.event, say.text, {{base::LogField::process, say.process}});
}

void RoleRunner::carry(const action::Exit& exit) {
  begin_stop();
  exit_status_ = exit.status;
  // systemd forgets what it holds for a unit that has ended well, and a socket unit may start it again. What
  // cannot be kept elsewhere it keeps for one that has failed.
  if (exit.status == 0 && !ordered_to_stop_ && !keep_clock_memory(starter_.clock_memory())) exit_status_ = 1;
}

void RoleRunner::hand_over(const RoleId& role) {
  const auto channel = processes_.take_channel(role);
  const auto known = role_of(role.program);
  if (channel && known) core_.tell(ipc::encode(ipc::RoleConnected{*known, role.index}, 0), channel.get());
}

}  // namespace gnomon::launcher
