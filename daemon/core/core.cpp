// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/core.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <string>

#include "async/every.hpp"
#include "daemon/core/built_at.hpp"
#include "daemon/core/control/schema.hpp"
#include "daemon/core/core_settings.hpp"
#include "daemon/core/journal.hpp"

namespace gnomon::core {

namespace {

// Exit status after maxchange, for which the unit makes no new start: it would accept any correction.
constexpr int given_up = 3;

// The rate at which the kernel runs the clock when we begin.
double initial_rate(const std::optional<ipc::ClockReading>& reading, base::Log& log) {
  if (!reading) return 0;
  if (!reading->may_adjust)
    log.write(
        base::LogEvent::clock_not_permitted,
        "gnomon-clock may not set the clock (no CAP_SYS_TIME): run as root, or with -x to measure only");
  return reading->frequency.ratio();
}

auto describe_end(base::Log& log, std::string what) {
  return [&log, what = std::move(what)](const std::string& why) {
    log.write(base::LogEvent::helper_lost,
              fmt::format("{}: {}; waiting for gnomond to start another", what, why),
              {{base::LogField::process, what}, {base::LogField::reason, why}});
  };
}

}  // namespace

// In a simulation all roles are there, and nobody could start them.
RoleClient::Handlers Core::on_demand(ipc::Role role, RoleClient::Handlers handlers) {
  if (open_ntp_sockets_) return handlers;
  handlers.on_wanted = [this, role] { launcher_.send(ipc::WantRole{role}); };
  handlers.on_idle = [this, role] { launcher_.send(ipc::ReleaseRole{role}); };
  return handlers;
}

ResolveClient::Handlers Core::resolver_handlers() {
  const auto role = on_demand(ipc::Role::resolve, {});
  return {
      .on_disconnect = describe_end(log_, "gnomon-resolve"),
      .on_files_changed =
          [this] {
            sources_.on_name_files_changed();
            access_hosts_.hasten();
          },
      .on_impossible =
          [this, told = std::set<std::string>{}](const std::string& name, const std::string& which) mutable {
            constexpr std::size_t most_names = 256;  // NTS-KE servers may make some up
            if (told.size() >= most_names) told.clear();
            if (!told.insert(name).second) return;  // it is looked up again and again
            log_.write(base::LogEvent::resolve_failed,
                       fmt::format("{} has addresses that are not asked: {}", name, which),
                       {{base::LogField::source, name}});
          },
      .on_wanted = role.on_wanted,
      .on_idle = role.on_idle};
}

Core::Core(const ipc::CoreSetup& setup, const config::Config& config, const CoreParts& parts)
    : setup_(setup),
      config_(config),
      log_(parts.log),
      server_(parts.server),
      events_(parts.events),
      measurements_(parts.measurements),
      source_dirs_(parts.read_source_files, log_),
      open_file_(parts.open_file),
      open_ntp_sockets_(parts.open_ntp_sockets),
      open_nics_(parts.open_nics),
      reload_(reload_handlers()),
      status_(parts.loop),
      reminder_(parts.loop, log_),
      time_saved_(parts.loop.now().mono),
      tasks_(parts.loop,
             [this](const std::string& task, const std::string& what) {
               log_.write(base::LogEvent::internal_error, fmt::format("Internal error in {}: {}", task, what),
                          {{base::LogField::reason, what}});
               finish(1);
             }),
      launcher_(tasks_, base::Fd{parts.launcher_fd}, launcher_handlers()),
      resolver_(tasks_, resolver_handlers()),
      access_hosts_(tasks_, resolver_, log_, setup.family),
      ke_client_(tasks_,
                 on_demand(ipc::Role::ke_client,
                           {.on_event = {}, .on_disconnect = describe_end(log_, "gnomon-ntske (client)")})),
      certificates_(config, tasks_, log_),
      reading_again_(tasks_),
      ke_servers_(tasks_, log_,
                  {.on_certificate =
                       [this](const ipc::CertificateFacts& facts) {
                         const bool known = certificates_.accept(facts, tasks_.now().real);
                         if (known) reading_again_.on_certificates({});
                         return known;
                       },
                   .on_sessions = [this](const ipc::EndedSessions& ended) { count_sessions(ended); },
                   .on_unusable = [this](const std::string& reason) { refuse_certificates(reason); }}),
      drift_(config.clock.drift_file, config.clock.drift_file_interval,
             setup.mode == ipc::CoreMode::daemon && steers(setup), log_),
      leap_(config.clock, log_),
      dumps_(dump_directory(setup, config), setup.restore_history, log_, tasks_.now()),
      saved_time_(saved_time_path(config), built_at(), log_),
      one_shot_(setup.mode, steers(setup), log_, [this](int status) { end_with(status); }),
      logs_(log_settings(setup, config), log_, [this](ipc::FileKind kind) { open_file(kind); }),
      mail_(base::Fd{setup.mailer_fd}, log_),
      clock_driver_(tasks_,
                    timekeeper_settings(setup, config, parts.loop.clock(), steers(setup),
                                        initial_rate(parts.clock, log_), drift_.initial()),
                    make_clock(), clock_driver_handlers()),
      refclocks_(
          tasks_, clock_driver_, refclock_settings(setup, config, parts.loop.clock()),
          [this](const ClockEvents& events) { act_on(events); }, describe_end(log_, "gnomon-refclock"),
          [this](const engine::SourceTraits& source) { return dumps_.take(source); }),
      metrics_link_(tasks_, {.text = [this](ipc::MetricsFormat format) { return metrics(format); },
                             .on_disconnect = describe_end(log_, "gnomon-metrics")}),
      metrics_texts_([&loop = parts.loop] { return loop.now().mono; }),
      started_(parts.loop.now().mono),
      hardware_(tasks_, config.hardware, clock_driver_, log_,
                {.on_changed =
                     [this] {
                       server_.set_nics(hardware_.table());
                       publish_view();
                     }}),
      recording_(parts.loop.clock(), fmt::format("{} {}", setup.program, control::daemon_version),
                 parts.configuration),
      sources_(tasks_, resolver_, ke_client_, clock_driver_, log_,
               sources_settings(setup, config, parts.loop.clock(), saved_time_.initial(), server_,
                                [this] { return hardware_.table(); }),
               sources_handlers()),
      commands_(tasks_, take_over(setup.command_sockets), base::Fd{setup.command_relay_fd}, config.control,
                parts.operators.own, *this, server_.client_log()) {
  if (measurements_ != nullptr)
    recorder_.emplace(
        *measurements_,
        MeasurementRecorder::Settings{.wander = config_.clock.max_clock_error.ratio(),
                                      .endpoint = [this](base::SourceId id) { return source_endpoint(id); },
                                      .name = [this](base::SourceId id) { return source_names(id).name; }});
  log_.set_listener([this](const base::LogMessage& message) {
    recording_.take(message);
    reminder_.on_message();
  });
  clock_driver_.set_on_input([this](const auto& input, const auto& outcome, const auto& keeper) {
    recording_.take(input, outcome, keeper);
  });
  make_rtc();
  connect_roles();
  if (parts.network_events >= 0)
    network_.emplace(tasks_, base::Fd{parts.network_events}, parts.addresses, network_handlers());
  sources_.set_own_addresses({parts.addresses.begin(), parts.addresses.end()});
  if (parts.clock_events >= 0)
    clock_set_.emplace(tasks_, base::Fd{parts.clock_events},
                       [this] { act_on(clock_driver_.look_at_clock()); });
  if (config_.serves_nts())
    keys_.emplace(config_.nts, base::Fd{setup_.key_secret_fd}, tasks_, log_, [this] { publish_keys(); });
  if (!config_.process.key_file.empty()) symmetric_keys_.emplace(config_.process.key_file, log_);
  if (auto* const queue = server_.signing())
    signd_.emplace(tasks_, *queue, log_, [this] { launcher_.send(ipc::OpenSigndSocket{}); });
  if (setup_.control_fd >= 0) control_.emplace(tasks_, base::Fd{setup_.control_fd}, parts.operators, *this);
}

ClockClient* Core::make_clock() {
  if (setup_.clock_fd < 0) return nullptr;
  clock_.emplace(
      tasks_, config_.clock.rtc_sync,
      ClockClient::Handlers{
          .on_changed =
              [this](const engine::ClockChanged& change) { act_on(clock_driver_.on_clock_changed(change)); },
          .on_rtc_tick =
              [this](const ipc::RtcTick& tick) {
                if (rtc_) rtc_->on_tick(tick);
              },
          .on_disconnect =
              [this](const std::string& why) {
                if (finishing_) return;
                log_.write(base::LogEvent::clock_lost,
                           fmt::format("gnomon-clock is lost ({}): the clock can no longer be steered", why),
                           {{base::LogField::reason, why}});
                finish(1);
              }});
  return steers(setup_) ? &*clock_ : nullptr;
}

ClockDriver::Handlers Core::clock_driver_handlers() {
  return {.on_events = [this](const ClockEvents& events) { act_on(events); },
          .on_settled = [this] { one_shot_.on_settled(); }};
}

Sources::Handlers Core::sources_handlers() {
  return {.on_note = [this](const engine::Note& said) { note(said); },
          .on_events = [this](const ClockEvents& events) { act_on(events); },
          .on_all_finished =
              [this] {
                if (refclocks_.count() == 0) one_shot_.on_all_finished();
              },
          .history = [this](const engine::SourceTraits& source) { return dumps_.take(source); },
          .on_packet = [this](base::SourceId source,
                              const engine::Received& packet) { recording_.take(source, packet); },
          .ask_for_peer_sockets = [this] { return ask_for_peer_sockets(); }};
}

void Core::act_on(const ClockEvents& events) {
  record(events.records);
  keep_measurements(events);
  for (const auto& said : events.notes) {
    note(said);
    if (engine::is_about<engine::note::ClockRefused>(said)) one_shot_.on_refused();
  }
  if (events.correction) mail_.on_correction(*events.correction, config_.process.mail_on_change);
  if (events.jumped) on_clock_jumped();
  if (events.drift && writes_drift()) drift_.offer(*events.drift, tasks_.now().mono);
  hardware_.on_clock_changed();
  if (events.decided) on_decided();
  if (events.stepped) on_clock_set();
  if (events.measured_offset) one_shot_.on_measured(*events.measured_offset);
  if (events.measured_offset && initial_) initial_->measured(*events.measured_offset);
  if (!events.give_up) return;
  log_.write(base::LogEvent::steering_given_up, "Ending, as the clock is not steered any more");
  finish(setup_.mode == ipc::CoreMode::daemon ? given_up : 1);
}

// With -x a file that is there may be that of a daemon that steers.
bool Core::writes_drift() const {
  return steers(setup_) || (setup_.mode == ipc::CoreMode::daemon && drift_.was_missing());
}

void Core::on_clock_jumped() {
  sources_.on_clock_jumped();
  if (rtc_) rtc_->on_clock_jumped();
  hardware_.on_clock_jumped();
  on_clock_set();
  sources_.interrupt_all(engine::InterruptKind::measure_afresh);
  if (sources_.may_burst_for_jump(tasks_.now().mono)) sources_.interrupt_all(engine::InterruptKind::burst);
  // After a sleep often so; and it spreads the requests over a second.
  sources_.interrupt_all(engine::InterruptKind::network_changed);
}

NetworkWatch::Handlers Core::network_handlers() {
  return {.on_changed =
              [this] {
                sources_.interrupt_all(engine::InterruptKind::network_changed);
                access_hosts_.hasten();
                open_nics();
              },
          .on_own_addresses = [this](const auto& addresses) { sources_.set_own_addresses(addresses); }};
}

LauncherLink::Handlers Core::launcher_handlers() {
  return {
      .on_stop = [this] { finish(0); },
      .on_reload = [this] { reload_for_launcher(); },
      .on_trust_changed = [this] { sources_.on_trust_changed(); },
      .on_certificates_refused = [this](const std::string& reason) { refuse_certificates(reason); },
      .on_message =
          [this](const ipc::MessageWritten& message) {
            if (events_ != nullptr) events_->add(message.at, message.fields);
          },
      .on_role = [this](ipc::Role role, std::uint8_t index,
                        base::Fd channel) { connect_role(role, index, std::move(channel)); },
      .on_key_secret = [this](const base::Fd& file) { use_key_secret(file); },
      .on_symmetric_keys = [this](const base::Fd& file) { use_symmetric_keys(file); },
      .on_file = [this](ipc::FileKind kind, base::Fd file,
                        const std::string& reason) { on_file(kind, std::move(file), reason); },
      .on_signd_socket =
          [this](base::Fd connection) {
            if (signd_) signd_->use(std::move(connection));
          },
      .on_ntp_socket = [this](base::Fd socket,
                              const std::string& reason) { add_ntp_socket(std::move(socket), reason); },
      .on_peer_socket = [this](base::Fd socket,
                               const std::string& reason) { add_peer_socket(std::move(socket), reason); },
      .on_nic = [this](const ipc::NicOpened& nic, base::Fd clock) { hardware_.add(nic, std::move(clock)); },
      .on_configuration =
          [this](const ipc::Frame& part) {
            const bool taken = reload_.take(part);
            if (!reload_.in_progress() && std::exchange(reload_asked_, false)) reload_for_launcher();
            return taken;
          },
      .on_lost =
          [this](const std::string& why) {
            if (finishing_) return;
            log_.write(base::LogEvent::launcher_lost, why + ": ending", {{base::LogField::reason, why}});
            finish(1);
          }};
}

void Core::connect_roles() {
  using Replacement = RoleTable::Replacement;
  // Another process would begin with a budget of steps of its own.
  if (clock_) roles_.add(ipc::Role::clock, "clock", *clock_, Replacement::refused);
  roles_.add(ipc::Role::resolve, "resolve", resolver_);
  roles_.add(ipc::Role::ke_client, "ntske_client", ke_client_);
  roles_.add(ipc::Role::ke_server, "ntske_server", ke_servers_);
  roles_.add(ipc::Role::refclock, "refclock", refclocks_);
  roles_.add(ipc::Role::metrics, "metrics", metrics_link_);
  roles_.begin(ipc::Role::clock, setup_.clock_fd);
  roles_.begin(ipc::Role::resolve, setup_.resolve_fd);
  roles_.begin(ipc::Role::ke_client, setup_.ke_client_fd);
  roles_.begin(ipc::Role::refclock, setup_.refclock_fd);
  roles_.begin(ipc::Role::metrics, setup_.metrics_fd);
  for (std::size_t i = 0; i < setup_.ke_server_fds.size(); ++i)
    roles_.begin(ipc::Role::ke_server, setup_.ke_server_fds[i], static_cast<std::uint8_t>(i));
}

void Core::connect_role(ipc::Role role, std::uint8_t index, base::Fd channel) {
  if (!roles_.replace(role, index, std::move(channel)))
    log_.write(base::LogEvent::clock_helper_refused, "gnomond sent a new clock helper: refused");
}

int Core::run() {
  // gnomond has said it, unless there is none (gnomond-sim).
  if (open_file_)
    log_.write(base::LogEvent::daemon_starting,
               fmt::format("{} version {} starting", setup_.program, control::daemon_version),
               {{base::LogField::version, control::daemon_version}});
  if (!steers(setup_)) log_.write(base::LogEvent::clock_control_off, "Disabled control of system clock");
  start();
  tasks_.loop().run();
  return exit_status_;
}

void Core::start() {
  launcher_.start();
  act_on(clock_driver_.start());
  publish_keys();
  use_symmetric_keys(base::Fd{setup_.symmetric_keys_fd});
  publish_view();
  start_server();
  if (keys_) keys_->start();
  watch_temperature();
  if (rtc_) rtc_->start();
  open_nics();
  certificates_.start();
  start_upkeep();
  if (control_) control_->start();
  if (signd_) signd_->start();
  commands_.start();
  if (clock_set_) clock_set_->start();
  if (network_ && setup_.mode == ipc::CoreMode::daemon) network_->start();
  if (setup_.timeout > 0) tasks_.spawn("timeout", give_up_after(base::Seconds{setup_.timeout}));
  // No sooner: gnomond may be waiting for a word to go on, and would take the processor from the server.
  begun_ = true;
  announce();
  if (corrects_initially(setup_, config_)) return begin_initial_correction();
  begin_work();
}

void Core::begin_work() {
  add_sources();
  find_access_hosts();  // behind the sources: the resolver takes one name after the other
  launcher_.send(ipc::Ready{});
}

void Core::read_leap_files() {
  leap_.read(tasks_.now().real);
  act_on(clock_driver_.set_leap_table(leap_.table()));
}

void Core::note(const engine::Note& said) {
  if (!finishing_) say(log_, said, source_names(said.source));
}

// As chrony counts: who may not come at all is not a client.
void Core::count_sessions(const ipc::EndedSessions& ended) {
  auto* const log = server_.client_log();
  if (log == nullptr || ended.how == ipc::SessionEnd::denied_address) return;
  const bool dropped = ended.how == ipc::SessionEnd::rate_limited || ended.how == ipc::SessionEnd::displaced;
  log->count(engine::Service::key_exchange, ended.client.address, tasks_.now().mono,
             dropped ? base::Admission::drop : base::Admission::pass, ended.count);
}

void Core::on_clock_set() {
  server_.clock_was_set();
  if (keys_) keys_->on_clock_set();
  certificates_.on_clock_set();
  refclocks_.on_clock_set();
  sources_.interrupt_all(engine::InterruptKind::clock_stepped);
}

void Core::on_decided() {
  publish_view();
  sources_.on_clock_updated();
  announce();
  status_.changed();
  save_time_now_and_then();
}

void Core::publish_keys() {
  if (!keys_) return;
  ke_servers_.set_keys(keys_->keys());
  server_.set_keys(keys_->keys());
  publish_view();
}

void Core::use_symmetric_keys(const base::Fd& file) {
  if (!symmetric_keys_) return;
  const std::expected<void, std::string> used =
      file ? symmetric_keys_->use(file.get())
           : std::unexpected(std::string{"The keyfile could not be opened, the keys read before, if any, "
                                         "stay in use; the log says why."});
  reading_again_.on_symmetric_keys(used ? std::string{} : used.error());
  server_.set_symmetric_keys(symmetric_keys_->keys());
  sources_.set_symmetric_keys(symmetric_keys_->keys());
  publish_view();
}

void Core::refuse_certificates(const std::string& reason) {
  certificates_.refuse(reason, tasks_.now().real);
  const char* const rest = certificates_.in_use() ? "the certificates read before stay in use"
                                                  : "there is no NTS key exchange until that is fixed";
  reading_again_.on_certificates(fmt::format("The certificates cannot be used, {}: {}.", rest, reason));
}

asio::awaitable<void> Core::give_up_after(base::Seconds timeout) {
  co_await async::pause_for(tasks_.loop(), base::to_duration(timeout));
  log_.write(base::LogEvent::timeout_reached, "Timeout reached");
  const bool done =
      setup_.mode == ipc::CoreMode::daemon && tracking().leap != base::LeapIndicator::unsynchronised;
  end_with(done ? 0 : 1);
}

void Core::end_with(int exit_status) {
  // Who asked once has no running daemon to ask why there was no answer.
  if (exit_status != 0 && !finishing_) {
    for (const auto& source : sources()) {
      if (source.verdict.reason != engine::Reason::best)
        log_.write(
            base::LogEvent::source_explained, source.explanation,
            {{base::LogField::source, source.association.name}, {base::LogField::reason, source.reason}});
    }
  }
  finish(exit_status);
}

void Core::finish(int exit_status) {
  if (finishing_) return;
  finishing_ = true;
  exit_status_ = exit_status;
  if (const auto last = temperature_ ? temperature_->last_record(tasks_.now().real) : std::nullopt)
    record({*last});
  save_state();
  // Before the roles lose their channels, so that gnomond does not take their end for an accident.
  const auto told =
      launcher_.try_to_send(ipc::Finished{.exit_status = static_cast<std::uint8_t>(exit_status_)});
  if (!told) {
    const auto why = "gnomond cannot be told of the end: " + base::to_string(told.error());
    log_.write(base::LogEvent::launcher_lost, why, {{base::LogField::reason, why}});
  }
  tasks_.stop();
}

void Core::save_state() {
  record(clock_driver_.last_records());
  drift_.flush();
  if (rtc_) static_cast<void>(rtc_->write());  // the log says what went wrong
  save_history();
  sources_.keep_cookies(finishing_);
  save_time();
  if (keys_) keys_->save();
}

void Core::save_history() {
  if (!dumps_.used()) return;
  for (const auto& [source, dump] : clock_driver_.keeper().histories(tasks_.now())) dumps_.save(source, dump);
}

}  // namespace gnomon::core
