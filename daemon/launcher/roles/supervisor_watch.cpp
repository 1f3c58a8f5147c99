// SPDX-License-Identifier: GPL-2.0-or-later
// Supervisor: what changes around it while it runs, files, an interface and the life of its roles.
#include <sys/socket.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "daemon/launcher/roles/supervisor.hpp"
#include "ipc/certificate_messages.hpp"
#include "ipc/codec.hpp"
#include "ipc/launcher_messages.hpp"

namespace gnomon::launcher {
namespace {

// What a role says that cannot use its certificates; nullopt: it says something else.
std::optional<std::string> why_unusable(base::Bytes datagram) {
  const auto frame = ipc::parse_frame(datagram);
  if (!frame || frame->type != ipc::MessageType::certificates_unusable) return std::nullopt;
  const auto told = ipc::decode<ipc::CertificatesUnusable>(*frame);
  return told ? told->reason : std::string{};
}

}  // namespace

// What a new role says first is for the core; that it says something is what counts here. One that has ended
// without a word is known by its end.
void Supervisor::hear_ready_signals() {
  std::vector<RoleId> ready;
  for (auto& [role, process] : processes_) {
    if (!process.channel) continue;
    std::array<std::uint8_t, ipc::max_frame_size> octets{};
    const auto got = recv(process.channel.get(), octets.data(), octets.size(), MSG_PEEK | MSG_DONTWAIT);
    if (got == 0) process.channel.close();
    if (got <= 0) continue;
    const auto refused = why_unusable(base::Bytes{octets}.first(static_cast<std::size_t>(got)));
    if (!refused)
      ready.push_back(role);
    else
      core_.tell(ipc::encode(ipc::CertificatesRefused{*refused}, 0));
    if (refused) process.channel.close();  // it ends
  }
  for (const auto& role : ready) carry_out(supervision_.on_ready_signal(role, now()));
}

base::MonoTime Supervisor::next_look_at_core() const {
  return unanswered_since_ ? *unanswered_since_ + ping_interval_ * 3 / 4 : next_ping_;
}

// systemd hears of life only what the core's replies tell. Its watchdog would end a core that hangs with all
// the others at once: gnomon-clock could not bring the clock back to a rate at which it may be left alone.
void Supervisor::look_at_core() {
  const auto time = now();
  if (time < next_look_at_core()) return;
  next_ping_ = time + ping_interval_;
  if (unanswered_since_) {
    log_.write(base::LogEvent::role_killed,
               "gnomon-core does not answer: it is killed before the watchdog ends everything",
               {{base::LogField::process, "gnomon-core"}});
    unanswered_since_.reset();
    core_answers_ = false;
    return carry(action::Kill{{Program::core}});
  }
  if (core_answers_) unanswered_since_ = time;
  core_.tell(ipc::encode(ipc::Ping{}, ++pings_));
}

void Supervisor::replace_ke_servers() {
  certificates_.reading(now());  // first: what changes in the meantime is another change
  carry_out(supervision_.on_replace_ke_servers(now()));
}

void Supervisor::look_at_certificates() {
  const auto changed = certificates_.look(now());
  if (changed.empty()) return;
  log_.write(base::LogEvent::certificates_changed, fmt::format("{} changed", fmt::join(changed, " and ")));
  replace_ke_servers();
}

// In a busy folder not with each file.
void Supervisor::hear_of_files() {
  if (!watch_.hear()) return;
  next_hearing_ = now() + certificate_unrest_interval;
  follow_files();
}

// What has changed before this is seen by the looks that follow.
void Supervisor::follow_files() {
  follow_due_.reset();
  auto paths = certificates_.paths();
  paths.insert(paths.end(), trust_.paths().begin(), trust_.paths().end());
  if (auto secret = keys_.secret_path(); !secret.empty()) paths.push_back(std::move(secret));
  if (watch_.descriptor() < 0) watch_ = base::PathWatch::make();
  const bool told = watch_.follow(paths);
  for (auto* const files : {&certificates_, &trust_}) {
    files->set_told(told);
    files->hear_change(now());
  }
  keys_.set_told(told);
  keys_.hear_change(now());
}

void Supervisor::look_at_devices() {
  const auto trouble_of = [](const AwaitedDevice::Change& change) {
    return change.done ? std::string{} : base::to_string(change.done.error());
  };
  if (const auto change = devices_.server.look()) {
    auto trouble = trouble_of(*change);
    if (change->is_there) trouble = reopen_ke_listeners().value_or(trouble);
    tell_of_device(devices_.server, change->is_there, trouble);
  }
  if (const auto change = devices_.commands.look())
    tell_of_device(devices_.commands, change->is_there, trouble_of(*change));
}

void Supervisor::tell_of_device(const AwaitedDevice& device, bool is_there, const std::string& trouble) {
  const bool serves = &device == &devices_.server;
  const std::string directive = serves ? "binddevice" : "bindcmddevice";
  const char* const whats = serves ? "requests" : "requests of chronyc";
  const auto what = !trouble.empty() ? "cannot be used: " + trouble
                    : is_there       ? fmt::format("exists: {} that arrive through it are answered", whats)
                                     : fmt::format("is gone: no {} are answered until it comes back", whats);
  log_.write(is_there && trouble.empty() ? base::LogEvent::device_came : base::LogEvent::device_awaited,
             fmt::format("{} {}: the interface {}", directive, device.device(), what),
             {{base::LogField::directive, directive}});
}

// The servers that are there finish their sessions, and others accept from the new listeners.
std::optional<std::string> Supervisor::reopen_ke_listeners() {
  if (!starter_.serves_ke()) return std::nullopt;
  if (auto opened = starter_.reopen_ke_listeners(log_); !opened) return std::move(opened.error());
  replace_ke_servers();
  return std::nullopt;
}

void Supervisor::look_at_trust() {
  const auto changed = trust_.look(now());
  if (changed.empty()) return;
  log_.write(
      base::LogEvent::trust_changed,
      fmt::format("{} changed: reading the certificates of authorities again", fmt::join(changed, " and ")));
  trust_.reading(now());
  use_trust();
}

void Supervisor::use_trust() {
  carry_out(supervision_.on_replace_ke_client(now()));
  core_.tell(ipc::encode(ipc::TrustChanged{}, 0));
}

}  // namespace gnomon::launcher
