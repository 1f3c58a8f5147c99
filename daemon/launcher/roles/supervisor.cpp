// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/supervisor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "base/os/channel.hpp"
#include "base/os/fd.hpp"
#include "base/os/systemd.hpp"
#include "daemon/launcher/files/clock_memory.hpp"
#include "ipc/codec.hpp"

namespace gnomon::launcher {
namespace {

using base::Fd;

// SIGTERM, SIGINT and SIGHUP become readable; a write to somebody who is gone is an error and no death.
base::OsResult<Fd> open_signals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&wanted, signal);
  sigprocmask(SIG_BLOCK, &wanted, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT(bugprone-signal-handler): SIG_IGN is no handler of ours
  Fd readable{signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK)};
  if (!readable) return std::unexpected(base::last_error("signalfd"));
  return readable;
}

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

// Of a role on demand; there are two.
Program program_of(ipc::Role role) {
  return role == ipc::Role::resolve ? Program::resolve : Program::ke_client;
}

constexpr base::Duration device_interval = std::chrono::seconds{1};

// A core that takes longer than this to begin is not waited for.
constexpr base::Duration head_start = std::chrono::milliseconds{100};

timespec to_timespec(base::Duration duration) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(duration);
  return {.tv_sec = whole.count(), .tv_nsec = (duration - whole).count()};
}

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

std::expected<base::ChannelPair, std::string> make_channel() {
  auto channel = base::make_channel();
  if (!channel) return std::unexpected("Could not create a channel: " + base::to_string(channel.error()));
  return std::move(*channel);
}

// A core that does not read must not make us wait for it.
std::expected<base::ChannelPair, std::string> make_channel_to_core() {
  auto channel = make_channel();
  if (channel) fcntl(channel->ours.get(), F_SETFL, O_NONBLOCK);
  return channel;
}

}  // namespace

Supervisor::Supervisor(RoleStarter& starter, StartLog& log, StartReport& report, const base::Clock& clock,
                       KeyFiles keys, CertificateWatch certificates, CertificateWatch trust,
                       SourceFolders sources, AwaitedDevices devices, CoreFiles files,
                       std::string signd_directory, NicClocks nics, ConfigurationReader reader)
    : starter_(starter),
      log_(log),
      report_(report),
      clock_(clock),
      core_(log),
      keys_(std::move(keys)),
      certificates_(std::move(certificates)),
      trust_(std::move(trust)),
      sources_(std::move(sources)),
      devices_(std::move(devices)),
      files_(std::move(files)),
      signd_directory_(std::move(signd_directory)),
      nics_(std::move(nics)),
      reader_(std::move(reader)),
      ping_interval_(base::watchdog_interval() / 2),
      next_ping_(now()) {}

std::expected<void, std::string> Supervisor::start(Fd config, Listeners sockets, int control, Fd mailer) {
  auto signals = open_signals();
  if (!signals) return std::unexpected("Could not wait for signals: " + base::to_string(signals.error()));
  signals_ = std::move(*signals);
  ntp_opened_ = !sockets.ntp.empty();
  peers_asked_ = !sockets.peers.empty();
  auto ntp = base::duplicates_of(sockets.ntp);
  auto peers = base::duplicates_of(sockets.peers);
  if (!ntp || !peers)
    return std::unexpected("Could not keep the server's sockets: " +
                           base::to_string((ntp ? peers : ntp).error()));
  ntp_ = std::move(*ntp);
  peers_ = std::move(*peers);
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
  if (sources_.wanted()) {
    auto channel = make_channel_to_core();
    if (!channel) return std::unexpected(channel.error());
    sources_channel_ = std::move(channel->ours);
    inheritance.sources = std::move(channel->theirs);
  }
  if (sockets.command_socket) {
    auto channel = make_channel_to_core();
    if (!channel) return std::unexpected(channel.error());
    commands_ = CommandRelay{std::move(sockets.command_socket), std::move(channel->ours)};
    inheritance.command_relay = std::move(channel->theirs);
  }
  // A client may be gone before it is accepted.
  for (const auto& listener : starter_.ke_listeners()) fcntl(listener.get(), F_SETFL, O_NONBLOCK);
  std::vector<std::pair<RoleId, Fd>> ends;
  for (const auto& role : starter_.helpers()) {
    auto channel = make_channel();
    if (!channel) return std::unexpected(channel.error());
    inheritance.helpers.emplace_back(role, std::move(channel->ours));
    ends.emplace_back(role, std::move(channel->theirs));
  }
  // First: nobody is served before it is there. It asks the clock at once, and does without the others for a
  // while: those who are served wait no longer because these begin, too.
  if (auto core = start_core(inheritance); !core) return core;
  const auto is_clock = [](const auto& end) { return end.first.program == Program::clock; };
  const auto clocks = static_cast<std::size_t>(std::ranges::count_if(ends, is_clock));  // in front
  if (auto clock = start_helpers(std::span{ends}.first(clocks)); !clock) return clock;
  if (ntp_opened_ && starter_.core_is_ready_alone()) core_.wait_for_word(head_start);
  if (auto others = start_helpers(std::span{ends}.subspan(clocks)); !others) return others;
  std::vector<RoleId> started;
  for (const auto& [role, process] : processes_) started.push_back(role);
  supervision_ = Supervision{started, now()};
  return {};
}

std::expected<void, std::string> Supervisor::start_core(const CoreInheritance& inheritance) {
  const RoleId core{Program::core};
  auto process = starter_.start_core(inheritance);
  if (!process) return std::unexpected(starter_.could_not_start(core, process.error()));
  core_.open(std::move(process->channel));
  processes_[core].child = std::move(process->child);
  return {};
}

std::expected<void, std::string> Supervisor::start_helpers(std::span<const std::pair<RoleId, Fd>> ends) {
  if (ends.empty()) return {};
  certificates_.reading(now());
  trust_.reading(now());
  starter_.choose_users();
  for (const auto& [role, channel] : ends) {
    auto child = starter_.start_helper(role, StartReason::first, channel);
    if (!child) return std::unexpected(starter_.could_not_start(role, child.error()));
    processes_[role].child = std::move(*child);
  }
  return {};
}

int Supervisor::run() {
  // Not at once: the start has other things to do, and who runs once would wait for the end of it.
  follow_due_ = now() + certificate_interval;
  while (!exit_status_) wait();
  return *exit_status_;
}

void Supervisor::wait() {
  // Once it is to end it is heard all the same, for how it ends.
  const bool hears_core = told_stopping_ || now() >= pace_.reads_from();
  const bool hears_of_sources = told_stopping_ || now() >= pace_.next();
  std::vector<pollfd> watched{{signals_.get(), POLLIN, 0},
                              {hears_core ? core_.descriptor() : -1, POLLIN, 0},
                              {hears_of_sources ? sources_channel_.get() : -1, POLLIN, 0},
                              {now() < next_hearing_ ? -1 : watch_.descriptor(), POLLIN, 0},
                              {devices_.server.events(), POLLIN, 0},
                              {devices_.commands.events(), POLLIN, 0},
                              {commands_.awaited(), POLLIN, 0}};
  if (log_.relay())
    for (const int messages : log_.relay()->exits()) watched.push_back({messages, POLLIN, 0});
  const std::size_t first_listener = watched.size();
  if (!supervision_.serves_ke())
    for (const auto& listener : starter_.ke_listeners()) watched.push_back({listener.get(), POLLIN, 0});
  const std::size_t first_process = watched.size();
  for (const auto& [role, process] : processes_) {
    watched.push_back({process.child.pidfd.get(), POLLIN, 0});
    if (process.channel) watched.push_back({process.channel.get(), POLLIN, 0});
  }
  const auto longest = timeout().longest();
  const timespec limit = to_timespec(longest.value_or(base::Duration{0}));
  const int ready = ppoll(watched.data(), watched.size(), longest ? &limit : nullptr, nullptr);
  if (ready < 0 && errno != EINTR) {
    log_.write(base::LogEvent::wait_failed, fmt::format("ppoll: {}", std::strerror(errno)));
    exit_status_ = 1;
    return;
  }
  log_.pass_on_messages();
  if (ready > 0) {
    if (watched[0].revents != 0) on_signal();
    if (watched[1].revents != 0) on_core_message();
    if (watched[2].revents != 0) on_sources_request();
    if (watched[3].revents != 0) hear_of_files();
    if (watched[4].revents != 0) devices_.server.take_events();
    if (watched[5].revents != 0) devices_.commands.take_events();
    if (watched[6].revents != 0) pass_on_command();
    for (std::size_t i = first_listener; i < first_process; ++i)
      if (watched[i].revents != 0) turn_away(watched[i].fd);
    if (std::any_of(watched.begin() + static_cast<std::ptrdiff_t>(first_process), watched.end(),
                    [](const pollfd& each) { return each.revents != 0; })) {
      hear_ready_signals();
      reap_ended();
    }
  }
  give_core_its_turn();
  if (ping_interval_ > base::Duration{0}) look_at_core();
  carry_out(supervision_.on_time(now()));
  if (follow_due_ && now() >= *follow_due_) follow_files();
  if (keys_.secret_has_changed(now())) send_key_secret();
  look_at_certificates();
  look_at_devices();
  look_at_trust();
  log_.report_suppressed();
  tell_of_messages();
}

// Until something is to be done by itself.
Timeout Supervisor::timeout() const {
  Timeout timeout;
  if (const auto deadline = supervision_.next_deadline()) timeout.no_longer_than(*deadline - now());
  if (ping_interval_ > base::Duration{0}) timeout.no_longer_than(next_look_at_core() - now());
  if (const auto look = keys_.next_look()) timeout.no_longer_than(*look - now());
  if (follow_due_) timeout.no_longer_than(*follow_due_ - now());
  if (const auto again = log_.next_try()) timeout.no_longer_than(*again - now());
  if (next_hearing_ > now()) timeout.no_longer_than(next_hearing_ - now());
  const auto turn = core_.is_open() ? pace_.next_turn() : std::nullopt;
  if (turn) timeout.no_longer_than(*turn - now());
  for (const auto heard : {pace_.reads_from(), pace_.next()})
    if (heard > now() && heard != base::MonoTime::max()) timeout.no_longer_than(heard - now());
  for (const auto* const device : {&devices_.server, &devices_.commands})
    if (device->wanted() && device->events() < 0) timeout.no_longer_than(device_interval);
  if (const auto look = certificates_.next_look()) timeout.no_longer_than(*look - now());
  if (const auto look = trust_.next_look()) timeout.no_longer_than(*look - now());
  return timeout;
}

void Supervisor::on_signal() {
  signalfd_siginfo info{};
  while (read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo == SIGHUP) {
      log_.write(base::LogEvent::reload_ordered, "SIGHUP: reading the configuration again");
      report_.reloading(now());
      core_.tell(ipc::encode(ipc::Reload{}, 0));
    } else {
      ordered_to_stop_ = true;
      forget_clock_memory();
      begin_stop();
      carry_out(supervision_.on_stop_request(now()));
    }
  }
}

void Supervisor::begin_stop() {
  if (!told_stopping_) report_.stopping();
  told_stopping_ = true;
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
  switch (frame.type) {
    case ipc::MessageType::ready:
      carry_out(supervision_.on_ready());
      return;
    case ipc::MessageType::status:
      if (const auto status = ipc::decode<ipc::Status>(frame)) {
        report_.status(status->text, status->synchronised);
        return;
      }
      break;
    case ipc::MessageType::finished:
      if (const auto finished = ipc::decode<ipc::Finished>(frame)) {
        begin_stop();
        carry_out(supervision_.on_finished(finished->exit_status, now()));
        return;
      }
      break;
    case ipc::MessageType::alive:
      // Once for each ping: what is passed on is no more than the service manager has asked for.
      if (frame.request_id != pings_ || std::exchange(answered_, pings_) == pings_) return;
      core_answers_ = true;
      unanswered_since_.reset();
      if (ping_interval_ > base::Duration{0}) report_.alive();
      return;
    case ipc::MessageType::replace_ke_servers:
      send_key_secret();
      replace_ke_servers();
      return;
    case ipc::MessageType::open_symmetric_keys:
      send_symmetric_keys();
      return;
    case ipc::MessageType::open_nics:
      return on_nics_request(frame);
    case ipc::MessageType::open_file:
      return on_file_request(frame);
    case ipc::MessageType::open_signd_socket:
      send_signd_socket();
      return;
    case ipc::MessageType::open_ntp_sockets:
      send_ntp_sockets();
      return;
    case ipc::MessageType::open_peer_sockets:
      send_peer_sockets();
      return;
    case ipc::MessageType::want_role:
      if (const auto wanted = ipc::decode<ipc::WantRole>(frame))
        return carry_out(supervision_.on_wanted(program_of(wanted->role), now()));
      break;
    case ipc::MessageType::release_role:
      if (const auto released = ipc::decode<ipc::ReleaseRole>(frame))
        return supervision_.on_released(program_of(released->role), now());
      break;
    case ipc::MessageType::cycle_log_file:
      log_.reopen();
      return;
    default:
      if (on_reload_frame(frame)) return;
      break;
  }
  on_bad_core("a message that cannot be read");
}

void Supervisor::on_bad_core(const std::string& what) {
  log_.write(base::LogEvent::core_broke_rules, fmt::format("gnomon-core sent {}: it is ended", what));
  core_.close();
  carry(action::Kill{{Program::core}});
}

void Supervisor::reap_ended() {
  std::vector<std::pair<RoleId, RoleEnd>> ended;
  for (const auto& [role, process] : processes_) {
    const auto result = base::try_wait_for(process.child);
    if (!result) continue;
    if (const auto& end = *result) ended.emplace_back(role, RoleEnd{end->by_signal, end->code});
  }
  // The core's end explains the others' ends; only the clock's explains the core's.
  std::ranges::sort(ended, {}, [](const auto& each) {
    const bool clock_died = each.first.program == Program::clock && each.second != RoleEnd{};
    return std::pair{!clock_died, each.first};
  });
  for (const auto& [role, end] : ended) {
    // What it said before it ended comes before its end.
    while (role.program == Program::core && core_.has_more()) on_core_message();
    log_.write(base::LogEvent::role_ended, fmt::format("{} {}", to_string(role), to_string(end)),
               {{base::LogField::process, to_string(role)}, {base::LogField::reason, to_string(end)}});
    processes_.erase(role);
    carry_out(supervision_.on_end(role, end, now()));
  }
}

void Supervisor::carry_out(const Actions& actions) {
  for (const auto& each : actions) std::visit([this](const auto& action) { carry(action); }, each);
}

void Supervisor::carry(const action::Spawn& spawn) {
  auto started = starter_.start_helper(spawn.role, reason_of(spawn));
  if (!started) {
    carry_out(supervision_.on_spawn_failed(spawn.role, why_not_started(started.error()), now()));
    return;
  }
  auto& process = processes_[spawn.role];
  process.child = std::move(started->child);
  process.channel = std::move(started->channel);
  if (spawn.connect) hand_over(spawn.role, std::move(process.channel));
}

void Supervisor::carry(const action::Connect& connect) {
  const auto at = processes_.find(connect.role);
  if (at != processes_.end()) hand_over(connect.role, std::move(at->second.channel));
}

void Supervisor::carry(const action::Discard& discard) {
  const auto at = processes_.find(discard.role);
  if (at != processes_.end()) at->second.channel.close();
}

void Supervisor::carry(const action::SendStop&) {
  begin_stop();
  // An end of file makes it save its state and end as well; killed later it would not.
  if (!core_.tell(ipc::encode(ipc::Stop{}, 0))) core_.close();
}

void Supervisor::carry(const action::Kill& kill) {
  const auto at = processes_.find(kill.role);
  if (at == processes_.end()) return;
  if (const auto sent = base::send_signal(at->second.child, SIGKILL); !sent)
    log_.write(
        base::LogEvent::role_not_killed,
        fmt::format("{} could not be killed: {}", to_string(kill.role), base::to_string(sent.error())),
        {{base::LogField::process, to_string(kill.role)}, {base::LogField::os_error, sent.error().code}});
}

void Supervisor::carry(const action::AnnounceReady&) {
  log_.forget_terminal();
  report_.ready();
}

void Supervisor::carry(const action::Say& say) {
  log_.write(say.event, say.text, {{base::LogField::process, say.process}});
}

void Supervisor::carry(const action::Exit& exit) {
  begin_stop();
  exit_status_ = exit.status;
  // systemd forgets what it holds for a unit that has ended well, and a socket unit may start it again. What
  // cannot be kept elsewhere it keeps for one that has failed.
  if (exit.status == 0 && !ordered_to_stop_ && !keep_clock_memory(starter_.clock_memory())) exit_status_ = 1;
}

void Supervisor::hand_over(const RoleId& role, Fd channel) {
  if (const auto known = role_of(role.program))
    core_.tell(ipc::encode(ipc::RoleConnected{*known, role.index}, 0), channel.get());
}

}  // namespace gnomon::launcher
