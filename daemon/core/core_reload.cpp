// SPDX-License-Identifier: GPL-2.0-or-later
// Core: the configuration while it runs. Each part takes over what has changed for it; gnomond has kept back
// what needs a restart.
#include <utility>

#include "daemon/core/core.hpp"
#include "daemon/core/core_settings.hpp"

namespace gnomon::core {

Reload::Handlers Core::reload_handlers() {
  return {.ask_to_read = [this] { launcher_.send(ipc::ReadConfiguration{}); },
          .ask_for_more = [this] { launcher_.send(ipc::NextConfigurationPart{}); },
          .ask_to_use = [this] { launcher_.send(ipc::UseConfiguration{}); },
          .adopt =
              [this](const config::Config& wanted, const std::vector<std::string>& lines) {
                recording_.use_configuration(lines);
                adopt(wanted);
              }};
}

void Core::reload(bool dry_run, control::ReloadDone done) {
  reload_.begin(dry_run, [this, dry_run, done = std::move(done)](control::ReloadResult result) {
    if (result && dry_run) result->left_out = wrong_in_source_dirs();
    if (!result || !result->applied) return done(std::move(result));
    result->left_out = source_dirs_.left_out();
    await_keys([done, outcome = std::move(*result)](const std::string& wrong) {
      auto whole = outcome;
      whole.keys_refused = wrong;
      done(whole);
    });
  });
}

void Core::await_keys(std::function<void(const std::string& wrong)> done) {
  reading_again_.await({.certificates = keys_ && config_.serves_ke(),
                        .symmetric_keys = symmetric_keys_.has_value(),
                        .key_secret = keys_ && keys_->follow_secret()},
                       std::move(done));
}

// SIGHUP. One that comes while an operator's reload is under way may be about later files: it has its own.
void Core::reload_for_launcher() {
  if (reload_.in_progress()) {
    reload_asked_ = true;
    return;
  }
  reload_.begin(false, [this](const control::ReloadResult& result) {
    if (result && result->errors.empty() && !result->applied) read_files_again();
    launcher_.send(ipc::ReloadEnd{});
  });
}

void Core::adopt(const config::Config& wanted) {
  const auto before = std::exchange(config_, wanted);
  adopt_clock(before);
  adopt_access(before);
  adopt_keys(before);
  if (const auto logs = log_settings(setup_, config_); logs != log_settings(setup_, before)) logs_.set(logs);
  sources_.retune({.nts_refresh = config_.nts.refresh,
                   .name_refresh = config_.selection.refresh,
                   .no_certificate_time_check = config_.nts.no_certificate_time_check,
                   .records = records(setup_, config_)});
  refclocks_.record(records(setup_, config_));
  // What initstepslew does now is followed by all that are configured.
  if (!initial_) act_on(sources_.replace_configured(before.sources, config_.sources));
  read_files_again();
  act_on(clock_driver_.select());
  publish_view();
}

void Core::adopt_clock(const config::Config& before) {
  clock_driver_.retune(tuning_of(setup_, before), tuning_of(setup_, config_));
  const auto apply_now = [this](const engine::OperatorCommand& command) {
    if (const auto events = clock_driver_.apply(command)) act_on(*events);
  };
  if (before.server.local != config_.server.local) apply_now(engine::ServeLocal{config_.server.local});
  if (before.control.manual != config_.control.manual)
    apply_now(engine::AcceptManual{config_.control.manual});
}

// What was allowed and denied by commands stays, unless the configuration says something else than before.
void Core::adopt_access(const config::Config& before) {
  const bool ntp = before.server.access != config_.server.access;
  const bool commands = before.control.command_access != config_.control.command_access;
  if (ntp) {
    server_.set_access(config_.server.access);
    ke_servers_.forget_access();  // those that come have it from gnomond
  }
  if (commands) commands_.set_access(config_.control.command_access);
  if (before.server.rate_limit != config_.server.rate_limit)
    server_.set_rate_limit(config_.server.rate_limit);
  if (before.control.command_rate_limit != config_.control.command_rate_limit)
    commands_.set_rate_limit(config_.control.command_rate_limit);
  if (ntp && config_.serves_ntp() && !server_.serves()) ask_for_ntp_sockets();
  if (ntp || commands) find_access_hosts();
}

void Core::adopt_keys(const config::Config& before) {
  if (before.nts.certificates != config_.nts.certificates) certificates_.set(config_);
  if (keys_) keys_->set_secret_path(config_.nts.key_secret_file);
  const auto& file = config_.process.key_file;
  if (before.process.key_file == file) return;
  // The keys come from gnomond.
  symmetric_keys_.reset();
  if (!file.empty()) symmetric_keys_.emplace(file, log_);
  server_.set_symmetric_keys(symmetric_keys_ ? symmetric_keys_->keys() : nullptr);
  sources_.set_symmetric_keys(symmetric_keys_ ? symmetric_keys_->keys() : nullptr);
}

void Core::use_key_secret(const base::Fd& file) {
  if (!keys_) return;
  const auto used = keys_->use_secret(file);
  reading_again_.on_key_secret(used ? std::string{} : used.error());
}

void Core::read_files_again() {
  reload_source_dirs();
  if (leap_.configured()) read_leap_files();
  if (!keys_) return;
  [[maybe_unused]] const auto reloaded = keys_->reload();  // the log says what went wrong
}

}  // namespace gnomon::core
