// SPDX-License-Identifier: GPL-2.0-or-later
// Supervisor: the configuration again. The core asks, and cannot say for which files.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ranges>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "daemon/launcher/files/folders.hpp"
#include "daemon/launcher/roles/role_setups.hpp"
#include "daemon/launcher/roles/supervisor.hpp"
#include "daemon/launcher/roles/trust_watch.hpp"
#include "ipc/codec.hpp"

namespace gnomon::launcher {
namespace {

constexpr std::size_t most_said = 20;  // of errors or changes; the rest is counted

void pause_for(base::Duration time) {
  usleep(static_cast<useconds_t>(std::chrono::ceil<std::chrono::microseconds>(time).count()));
}

std::string place_of(const std::string& file, std::uint32_t line) {
  if (file.empty()) return fmt::format("argument {}", line);
  return line == 0 ? file : fmt::format("{}:{}", file, line);
}

std::string sentence(const ipc::ConfigurationError& error) {
  const auto place = place_of(error.file, error.line);
  return error.line == 0 ? fmt::format("{}: {}", place, error.message)
                         : fmt::format("{}:{}: {}", place, error.column, error.message);
}

bool is_about_trust(const config::Change& change) {
  return !change.needs_restart &&
         (change.directive == "ntstrustedcerts" || change.directive == "nosystemcert");
}

std::string summary(const std::vector<config::Change>& changes) {
  std::size_t sources = 0;
  std::size_t others = 0;
  for (const auto& change : changes) {
    if (change.needs_restart) continue;
    const bool is_source =
        change.directive == "server" || change.directive == "pool" || change.directive == "peer";
    ++(is_source ? sources : others);
  }
  if (sources == 0 && others == 0) return "nothing changes";
  return fmt::format("{} line{} of sources and {} other{} changed", sources, sources == 1 ? "" : "s", others,
                     others == 1 ? "" : "s");
}

}  // namespace

bool Supervisor::on_reload_frame(const ipc::Frame& frame) {
  switch (frame.type) {
    case ipc::MessageType::read_configuration:
      read_configuration();
      return true;
    case ipc::MessageType::next_configuration_part:
      send_configuration_part();
      return true;
    case ipc::MessageType::use_configuration:
      use_configuration();
      return true;
    case ipc::MessageType::reload_end:
      report_.reloaded();
      return true;
    default:
      return false;
  }
}

void Supervisor::read_configuration() {
  reader_.read(clock_, pause_for);
  const auto& errors = reader_.errors();
  for (const auto& error : errors | std::views::take(most_said))
    log_.write(base::LogEvent::reload_refused, sentence(error),
               {{base::LogField::file, error.file}, {base::LogField::reason, error.message}});
  if (!errors.empty())
    log_.write(
        base::LogEvent::reload_refused,
        fmt::format("The configuration has {} error{} and is not loaded again: everything stays as it was",
                    errors.size(), errors.size() == 1 ? "" : "s"),
        {{base::LogField::count, errors.size()}});
  send_configuration_part();
}

void Supervisor::send_configuration_part() {
  std::visit([this](const auto& part) { core_.tell(ipc::encode(part, 0)); }, reader_.next());
}

void Supervisor::name_changes() const {
  std::size_t said = 0;
  for (const auto& change : reader_.changes()) {
    if (!change.needs_restart || ++said > most_said) continue;
    const auto& place = change.line.place;
    log_.write(base::LogEvent::restart_needed,
               fmt::format("{}: {} takes effect after a restart{}{}",
                           place_of(place.file, static_cast<std::uint32_t>(place.line)), change.directive,
                           change.reason.empty() ? "" : ": ", change.reason),
               {{base::LogField::directive, change.directive}, {base::LogField::file, place.file}});
  }
  log_.write(base::LogEvent::reload_applied,
             fmt::format("The configuration was loaded again: {}", summary(reader_.changes())));
}

// The core takes over its parts when it hears ConfigurationUsed, and what follows that comes from the new
// one.
void Supervisor::use_configuration() {
  auto config = reader_.use();
  if (!config) return on_bad_core("a request to use a configuration that is not there");
  name_changes();
  make_state_folders(*config, starter_.core_user(), log_);
  keys_.follow(*config);
  certificates_ = starter_.serves_ke() ? CertificateWatch::of(*config) : CertificateWatch{};
  trust_ = trust_watch_of(*config);
  files_ = CoreFiles{*config, starter_.core_user()};
  starter_.set_config(std::move(*config));
  core_.tell(ipc::encode(ipc::ConfigurationUsed{}, 0));
  send_key_secret();
  send_symmetric_keys();
  trust_.reading(now());
  follow_files();
  if (std::ranges::any_of(reader_.changes(), is_about_trust)) use_trust();
  if (starter_.serves_ke()) replace_ke_servers();
}

}  // namespace gnomon::launcher
