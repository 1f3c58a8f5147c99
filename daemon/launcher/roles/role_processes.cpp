// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/role_processes.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include "ipc/certificate_messages.hpp"
#include "ipc/codec.hpp"

namespace gnomon::launcher {
namespace {

StartReason reason_of(const action::Spawn& spawn) {
  if (spawn.again) return StartReason::again;
  return spawn.connect ? StartReason::news : StartReason::replacement;
}

// What may be executed was fixed at the start: files as they were then, whatever their names are now.
std::string why_not_started(const base::OsError& error) {
  const bool is_another_file = error.code == EACCES || error.code == ENOENT;
  return base::to_string(error) +
         (is_another_file ? ": its program was replaced or is gone; restart gnomond" : "");
}

// What a role says that cannot use its certificates; nullopt: it says something else.
std::optional<std::string> why_unusable(base::Bytes datagram) {
  const auto frame = ipc::parse_frame(datagram);
  if (!frame || frame->type != ipc::MessageType::certificates_unusable) return std::nullopt;
  const auto told = ipc::decode<ipc::CertificatesUnusable>(*frame);
  return told ? told->reason : std::string{};
}

}  // namespace

std::expected<base::Fd, std::string> RoleProcesses::start_core(const CoreInheritance& inheritance) {
  const RoleId core{Program::core};
  auto process = starter_.start_core(inheritance);
  if (!process) return std::unexpected(starter_.could_not_start(core, process.error()));
  processes_[core].child = std::move(process->child);
  return std::move(process->channel);
}

std::expected<void, std::string> RoleProcesses::start_helpers(
    std::span<const std::pair<RoleId, base::Fd>> ends) {
  for (const auto& [role, channel] : ends) {
    auto child = starter_.start_helper(role, StartReason::first, channel);
    if (!child) return std::unexpected(starter_.could_not_start(role, child.error()));
    processes_[role].child = std::move(*child);
  }
  return {};
}

std::expected<void, std::string> RoleProcesses::start_later(const action::Spawn& spawn) {
  auto started = starter_.start_helper(spawn.role, reason_of(spawn));
  if (!started) return std::unexpected(why_not_started(started.error()));
  processes_[spawn.role] = {.child = std::move(started->child), .channel = std::move(started->channel)};
  return {};
}

base::Fd RoleProcesses::take_channel(const RoleId& role) {
  const auto at = processes_.find(role);
  return at == processes_.end() ? base::Fd{} : std::move(at->second.channel);
}

base::OsResult<void> RoleProcesses::kill(const RoleId& role) const {
  const auto at = processes_.find(role);
  if (at == processes_.end()) return {};
  const auto sent = base::send_signal(at->second.child, SIGKILL);
  if (!sent && sent.error().code == ESRCH) return {};
  return sent;
}

std::vector<RoleId> RoleProcesses::all() const {
  std::vector<RoleId> roles;
  roles.reserve(processes_.size());
  for (const auto& [role, process] : processes_) roles.push_back(role);
  return roles;
}

std::vector<int> RoleProcesses::descriptors() const {
  std::vector<int> descriptors;
  for (const auto& [role, process] : processes_) {
    descriptors.push_back(process.child.pidfd.get());
    if (process.channel) descriptors.push_back(process.channel.get());
  }
  return descriptors;
}

RoleProcesses::FirstWords RoleProcesses::hear() {
  FirstWords words;
  for (auto& [role, process] : processes_) {
    if (!process.channel) continue;
    std::array<std::uint8_t, ipc::max_frame_size> octets{};
    const auto got = recv(process.channel.get(), octets.data(), octets.size(), MSG_PEEK | MSG_DONTWAIT);
    if (got == 0) process.channel.close();
    if (got <= 0) continue;
    auto refused = why_unusable(base::Bytes{octets}.first(static_cast<std::size_t>(got)));
    if (!refused) {
      words.ready.push_back(role);
      continue;
    }
    words.refused.push_back(std::move(*refused));
    process.channel.close();  // it ends
  }
  return words;
}

// The core's end explains the others' ends; only the clock's explains the core's.
std::vector<std::pair<RoleId, RoleEnd>> RoleProcesses::ended() const {
  std::vector<std::pair<RoleId, RoleEnd>> ended;
  for (const auto& [role, process] : processes_) {
    const auto result = base::try_wait_for(process.child);
    if (!result) continue;
    if (const auto& end = *result) ended.emplace_back(role, RoleEnd{end->by_signal, end->code});
  }
  std::ranges::sort(ended, {}, [](const auto& each) {
    const bool clock_died = each.first.program == Program::clock && each.second != RoleEnd{};
    return std::pair{!clock_died, each.first};
  });
  return ended;
}

}  // namespace gnomon::launcher
