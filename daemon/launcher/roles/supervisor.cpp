// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/supervisor.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/os/channel.hpp"
#include "base/os/systemd.hpp"
#include "daemon/launcher/files/folders.hpp"
#include "daemon/launcher/roles/reload_messages.hpp"
#include "daemon/launcher/roles/trust_watch.hpp"
#include "ipc/codec.hpp"

namespace gnomon::launcher {
namespace {

using base::Fd;

// Of a role on demand; there are two.
Program program_of(ipc::Role role) {
  return role == ipc::Role::resolve ? Program::resolve : Program::ke_client;
}

constexpr base::Duration device_interval = std::chrono::seconds{1};

// A core that does not read must not make us wait for it.
std::expected<base::ChannelPair, std::string> make_channel_to_core() {
  auto channel = base::make_channel();
  if (!channel) return std::unexpected("Could not create a channel: " + base::to_string(channel.error()));
  fcntl(channel->ours.get(), F_SETFL, O_NONBLOCK);
  return std::move(*channel);
}

void pause_for(base::Duration time) {
  usleep(static_cast<useconds_t>(std::chrono::ceil<std::chrono::microseconds>(time).count()));
}

// While no process has a certificate to show: a client that hears at once that there is nothing to be had
// does not wait for its timeout.
void turn_away(int listener) {
  const Fd client{accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
}

}  // namespace

Supervisor::Supervisor(RoleStarter& starter, StartLog& log, StartReport& report, const base::Clock& clock,
                       Supplies supplies)
    : starter_(starter),
      log_(log),
      report_(report),
      clock_(clock),
      core_(log),
      watchdog_(base::watchdog_interval() / 2, now()),
      keys_(std::move(supplies.keys)),
      watched_(keys_, std::move(supplies.certificates), std::move(supplies.trust)),
      folders_(std::move(supplies.sources)),
      devices_(std::move(supplies.devices)),
      requests_(starter, core_, keys_, log, std::move(supplies.files), std::move(supplies.signd_directory),
                std::move(supplies.nics)),
      reader_(std::move(supplies.reader)),
      roles_(starter, core_, log, report, clock) {}

std::expected<void, std::string> Supervisor::start(Fd config, Listeners sockets, int control, Fd mailer) {
  auto signals = Signals::open();
  if (!signals) return std::unexpected("Could not wait for signals: " + base::to_string(signals.error()));
  signals_ = std::move(*signals);
  if (const auto remembered = requests_.remember(sockets.ntp, sockets.peers); !remembered)
    return std::unexpected("Could not keep the server's sockets: " + base::to_string(remembered.error()));
  CoreInheritance inheritance{.config = std::move(config),
                              .ntp_sockets = std::move(sockets.ntp),
                              .acquisition_sockets = std::move(sockets.acquisition),
                              .peer_sockets = std::move(sockets.peers),
                              .ptp_sockets = std::move(sockets.ptp),
                              .ptp_client_sockets = std::move(sockets.ptp_clients),
                              .key_secret = keys_.open_secret(now(), log_),
                              .symmetric_keys = keys_.open_symmetric_keys(log_),
                              .control = control,
                              .command_sockets = std::move(sockets.commands),
                              .mailer = std::move(mailer)};
  if (auto opened = open_side_channels(std::move(sockets.command_socket), inheritance); !opened)
    return opened;
  // A client may be gone before it is accepted.
  for (const auto& listener : starter_.ke_listeners()) fcntl(listener.get(), F_SETFL, O_NONBLOCK);
  watched_.reading_certificates(now());
  watched_.reading_trust(now());
  return roles_.start(std::move(inheritance));
}

std::expected<void, std::string> Supervisor::open_side_channels(Fd command_socket,
                                                                CoreInheritance& inheritance) {
  if (folders_.wanted()) {
    auto channel = make_channel_to_core();
    if (!channel) return std::unexpected(channel.error());
    sources_ = SourceChannel{std::move(folders_), std::move(channel->ours)};
    inheritance.sources = std::move(channel->theirs);
  }
  if (command_socket) {
    auto channel = make_channel_to_core();
    if (!channel) return std::unexpected(channel.error());
    commands_ = CommandRelay{std::move(command_socket), std::move(channel->ours)};
    inheritance.command_relay = std::move(channel->theirs);
  }
  return {};
}

int Supervisor::run() {
  watched_.follow_later(now());
  while (!roles_.exit_status())
    if (!wait()) return 1;
  return *roles_.exit_status();
}

bool Supervisor::wait() {
  PollSet awaited;
  await_all(awaited);
  if (const auto waited = awaited.wait(timeout().longest()); !waited) {
    log_.write(base::LogEvent::wait_failed, base::to_string(waited.error()));
    return false;
  }
  log_.pass_on_messages();
  awaited.serve();
  do_what_is_due();
  return true;
}

void Supervisor::await_all(PollSet& awaited) {
  const auto time = now();
  // Once it is to end it is heard all the same, for how it ends.
  const bool hears_core = roles_.is_stopping() || time >= pace_.reads_from();
  const bool hears_of_sources = roles_.is_stopping() || time >= pace_.next();
  awaited.add(signals_.descriptor(), [this] { on_signals(); });
  awaited.add(hears_core ? core_.descriptor() : -1, [this] { on_core_message(); });
  awaited.add(hears_of_sources ? sources_.descriptor() : -1, [this] { on_sources_request(); });
  awaited.add(watched_.descriptor(time), [this] { watched_.hear(now()); });
  for (auto* const device : {&devices_.server, &devices_.commands})
    awaited.add(device->events(), [device] { device->take_events(); });
  awaited.add(commands_.awaited(), [this] { pass_on_command(); });
  if (log_.relay())
    for (const int messages : log_.relay()->exits()) awaited.add(messages, [] {});  // passed on each time
  if (!roles_.serves_ke())
    for (const auto& listener : starter_.ke_listeners())
      awaited.add(listener.get(), [socket = listener.get()] { turn_away(socket); });
  awaited.add(roles_.descriptors(), [this] { hear_roles(); });
}

void Supervisor::do_what_is_due() {
  give_core_its_turn();
  look_at_core();
  roles_.on_time();
  look_at_files();
  look_at_devices();
  log_.report_suppressed();
  tell_of_messages();
}

// Until something is to be done by itself.
Timeout Supervisor::timeout() const {
  Timeout timeout;
  const auto time = now();
  const auto turn = core_.is_open() ? pace_.next_turn() : std::nullopt;
  for (const auto& due :
       {roles_.next_deadline(), watchdog_.next_look(), watched_.next_look(time), log_.next_try(), turn})
    if (due) timeout.no_longer_than(*due - time);
  for (const auto heard : {pace_.reads_from(), pace_.next()})
    if (heard > time && heard != base::MonoTime::max()) timeout.no_longer_than(heard - time);
  for (const auto* const device : {&devices_.server, &devices_.commands})
    if (device->wanted() && device->events() < 0) timeout.no_longer_than(device_interval);
  return timeout;
}

void Supervisor::on_signals() {
  while (const auto ordered = signals_.take()) {
    if (*ordered == Ordered::reload) {
      log_.write(base::LogEvent::reload_ordered, "SIGHUP: reading the configuration again");
      report_.reloading(now());
      core_.tell(ipc::encode(ipc::Reload{}, 0));
    } else {
      roles_.on_stop_signal();
    }
  }
}

void Supervisor::on_core_message() {
  CoreChannel::Buffer buffer{};
  const auto heard = core_.receive(buffer);
  if (!heard) return on_bad_core("a forbidden message");
  if (!*heard) return;
  const auto& frame = **heard;
  pace_.read(now());
  if (CorePace::is_urgent(frame.type)) return on_core_frame(frame);
  pace_.wait(frame, now());
  give_core_its_turn();
}

// What it wanted is of no use once it has ended: that is not waited for.
void Supervisor::give_core_its_turn() {
  while (core_.is_open()) {
    const auto message = pace_.take(now());
    if (!message) return;
    on_core_frame(message->frame());
  }
}

void Supervisor::on_core_frame(const ipc::Frame& frame) {
  if (const auto answered = requests_.answer(frame)) {
    if (!*answered) on_bad_core(answered->error());
  } else if (!on_state_frame(frame) && !on_role_frame(frame) && !on_reload_frame(frame)) {
    on_bad_core("a message that cannot be read");
  }
}

bool Supervisor::on_state_frame(const ipc::Frame& frame) {
  switch (frame.type) {
    case ipc::MessageType::ready:
      roles_.on_ready();
      return true;
    case ipc::MessageType::status: {
      const auto status = ipc::decode<ipc::Status>(frame);
      if (status) report_.status(status->text, status->synchronised);
      return status.has_value();
    }
    case ipc::MessageType::finished: {
      const auto finished = ipc::decode<ipc::Finished>(frame);
      if (finished) roles_.on_finished(finished->exit_status);
      return finished.has_value();
    }
    case ipc::MessageType::alive:
      if (watchdog_.on_reply(frame.request_id)) report_.alive();
      return true;
    default:
      return false;
  }
}

bool Supervisor::on_role_frame(const ipc::Frame& frame) {
  switch (frame.type) {
    case ipc::MessageType::want_role: {
      const auto wanted = ipc::decode<ipc::WantRole>(frame);
      if (wanted) roles_.on_wanted(program_of(wanted->role));
      return wanted.has_value();
    }
    case ipc::MessageType::release_role: {
      const auto released = ipc::decode<ipc::ReleaseRole>(frame);
      if (released) roles_.on_released(program_of(released->role));
      return released.has_value();
    }
    case ipc::MessageType::replace_ke_servers:
      requests_.send_key_secret(now());
      replace_ke_servers();
      return true;
    default:
      return false;
  }
}

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
    case ipc::MessageType::cycle_log_file:
      log_.reopen();
      return true;
    default:
      return false;
  }
}

void Supervisor::on_bad_core(const std::string& what) {
  log_.write(base::LogEvent::core_broke_rules, fmt::format("gnomon-core sent {}: it is killed", what));
  core_.close();
  roles_.kill_core();
}

void Supervisor::on_sources_request() {
  const auto asked = sources_.answer();
  if (!asked) return on_bad_core(asked.error());
  if (*asked == SourceChannel::Asked::first) pace_.heard(ipc::MessageType::open_sources, now());
}

void Supervisor::pass_on_command() {
  if (const auto done = commands_.pass_on(); !done) on_bad_core(done.error());
}

void Supervisor::look_at_core() {
  switch (watchdog_.look(now())) {
    case CoreWatchdog::Due::nothing:
      return;
    case CoreWatchdog::Due::ping:
      core_.tell(ipc::encode(ipc::Ping{}, watchdog_.number()));
      return;
    case CoreWatchdog::Due::kill:
      log_.write(base::LogEvent::role_killed,
                 "gnomon-core does not answer: it is killed before the watchdog ends everything",
                 {{base::LogField::process, "gnomon-core"}});
      roles_.kill_core();
  }
}

// Those for which there is no room now are told of later.
void Supervisor::tell_of_messages() {
  if (!core_.is_open()) return;
  while (const auto* message = log_.untold()) {
    if (!core_.send(ipc::encode(*message, 0))) return;
    log_.told();
  }
}

// The core asks, and cannot say for which files.
void Supervisor::read_configuration() {
  reader_.read(clock_, pause_for);
  name_errors(reader_.errors(), log_);
  send_configuration_part();
}

void Supervisor::send_configuration_part() {
  std::visit([this](const auto& part) { core_.tell(ipc::encode(part, 0)); }, reader_.next());
}

// The core takes over its parts when it hears ConfigurationUsed, and what follows that comes from the new
// one.
void Supervisor::use_configuration() {
  auto config = reader_.use();
  if (!config) return on_bad_core("a request to use a configuration that is not there");
  name_changes(reader_.changes(), log_);
  make_state_folders(*config, starter_.core_user(), log_);
  keys_.follow(*config);
  watched_.replace(starter_.serves_ke() ? CertificateWatch::of(*config) : CertificateWatch{},
                   trust_watch_of(*config));
  requests_.set_files(CoreFiles{*config, starter_.core_user()});
  starter_.set_config(std::move(*config));
  core_.tell(ipc::encode(ipc::ConfigurationUsed{}, 0));
  requests_.send_key_secret(now());
  requests_.send_symmetric_keys();
  watched_.reading_trust(now());
  watched_.follow(now());
  if (change_trust(reader_.changes())) use_trust();
  if (starter_.serves_ke()) replace_ke_servers();
}

void Supervisor::look_at_files() {
  const auto changed = watched_.look(now());
  if (changed.secret) requests_.send_key_secret(now());
  if (!changed.certificates.empty()) {
    log_.write(base::LogEvent::certificates_changed,
               fmt::format("{} changed", fmt::join(changed.certificates, " and ")));
    replace_ke_servers();
  }
  if (!changed.trust.empty()) {
    log_.write(base::LogEvent::trust_changed,
               fmt::format("{} changed: reading the certificates of authorities again",
                           fmt::join(changed.trust, " and ")));
    watched_.reading_trust(now());
    use_trust();
  }
}

void Supervisor::replace_ke_servers() {
  watched_.reading_certificates(now());  // first: what changes in the meantime is another change
  roles_.replace_ke_servers();
}

void Supervisor::use_trust() {
  roles_.replace_ke_client();
  core_.tell(ipc::encode(ipc::TrustChanged{}, 0));
}

void Supervisor::look_at_devices() {
  const auto trouble_of = [](const AwaitedDevice::Change& change) {
    return change.done ? std::string{} : base::to_string(change.done.error());
  };
  if (const auto change = devices_.server.look()) {
    auto trouble = trouble_of(*change);
    if (change->is_there) trouble = reopen_ke_listeners().value_or(trouble);
    name_change("binddevice", devices_.server.device(), change->is_there, trouble, log_);
  }
  if (const auto change = devices_.commands.look())
    name_change("bindcmddevice", devices_.commands.device(), change->is_there, trouble_of(*change), log_);
}

// The servers that are there finish their sessions, and others accept from the new listeners.
std::optional<std::string> Supervisor::reopen_ke_listeners() {
  if (!starter_.serves_ke()) return std::nullopt;
  if (auto opened = starter_.reopen_ke_listeners(log_); !opened) return std::move(opened.error());
  replace_ke_servers();
  return std::nullopt;
}

void Supervisor::hear_roles() {
  roles_.hear_first_words();
  for (const auto& [role, end] : roles_.ended()) {
    // What it said before it ended comes before its end.
    while (role.program == Program::core && core_.has_more()) on_core_message();
    roles_.on_end(role, end);
  }
}

}  // namespace gnomon::launcher
