// SPDX-License-Identifier: GPL-2.0-or-later
// Core: its NTP server, who may use it, and what it is told about the clock.
#include <stdexcept>
#include <utility>

#include "async/socket_watch.hpp"
#include "daemon/core/core.hpp"
#include "daemon/core/server/server_task.hpp"

namespace gnomon::core {

void Core::start_server() {
  server_.open();
  if (server_.has_threads())
    tasks_.spawn("NTP server threads", watch_server());
  else
    for (auto* worker : server_.workers()) tasks_.spawn("NTP server", serve_here(tasks_.io(), *worker));
  if (server_.serves()) begin_serving();
}

void Core::begin_serving() {
  if (!config_.server.broadcasts.empty()) {
    std::vector<int> sockets;
    for (const auto* worker : server_.workers()) sockets.push_back(worker->socket());
    broadcaster_.emplace(tasks_, log_, std::move(sockets));
    broadcaster_->start(config_.server.broadcasts,
                        [this](const base::Now& now) { return clock_driver_.keeper().server_view(now); });
  }
}

// One request at a time: the launcher takes another one, while its sockets are on the way, for a core that
// breaks the rules.
void Core::ask_for_ntp_sockets() {
  if (std::exchange(ntp_sockets_asked_for_, true)) return;
  if (!open_ntp_sockets_) return launcher_.send(ipc::OpenNtpSockets{});
  auto sockets = open_ntp_sockets_();
  if (!sockets) return add_ntp_socket({}, sockets.error());
  for (auto& socket : *sockets) add_ntp_socket(std::move(socket), {});
}

// No thread can be started by now: the event loop serves those who were not expected.
void Core::add_ntp_socket(base::Fd socket, const std::string& reason) {
  ntp_sockets_asked_for_ = false;
  if (!socket) {
    log_.write(base::LogEvent::ntp_socket_missing, "Nobody is served: " + reason,
               {{base::LogField::directive, "allow"}, {base::LogField::reason, reason}});
    return;
  }
  const bool first = !server_.serves();
  tasks_.spawn("NTP server", serve_here(tasks_.io(), server_.add(std::move(socket))));
  if (auto* const queue = server_.signing(); queue != nullptr && !signd_) {
    signd_.emplace(tasks_, *queue, log_, [this] { launcher_.send(ipc::OpenSigndSocket{}); });
    signd_->start();
  }
  publish_keys();
  publish_view();
  if (!first) return;
  sources_.begin_serving();
  begin_serving();
}

// False: that has been done. In a simulation there is nobody to ask.
bool Core::ask_for_peer_sockets() {
  if (open_ntp_sockets_ || std::exchange(peer_sockets_asked_for_, true)) return false;
  return launcher_.try_to_send(ipc::OpenPeerSockets{}).has_value();
}

void Core::add_peer_socket(base::Fd socket, const std::string& reason) {
  if (socket) return sources_.use_for_peers(std::move(socket));
  log_.write(base::LogEvent::ntp_socket_missing, "Peers are not spoken with: " + reason,
             {{base::LogField::directive, "peer"}, {base::LogField::reason, reason}});
}

void Core::find_access_hosts() {
  std::vector<base::AccessRule> rules = config_.control.command_access;
  if (server_.serves() || config_.serves_nts())
    rules.insert(rules.end(), config_.server.access.begin(), config_.server.access.end());
  access_hosts_.find(rules, [this](const std::string& host, const std::vector<base::IpAddress>& addresses) {
    commands_.set_addresses(host, addresses);
    server_.set_addresses(host, addresses);
    ke_servers_.tell(ipc::HostAddresses{.host = host, .addresses = addresses});
    publish_view();
  });
}

void Core::publish_view() {
  if (server_.serves()) server_.publish(clock_driver_.keeper().server_view(tasks_.now()));
}

asio::awaitable<void> Core::watch_server() {
  async::SocketWatch watch{tasks_.io(), server_.failed()};
  [[maybe_unused]] const auto [error] = co_await watch.readable();
  co_await async::end_if_cancelled();
  throw std::runtime_error{"a thread that serves NTP could not wait for requests: " +
                           base::to_string(server_.failure().value_or(base::OsError{"poll", 0}))};
}

std::expected<void, engine::Refusal> Core::apply(const control::ChangeAccess& command) {
  if (command.list == control::AccessList::commands) {
    commands_.change_access(command.rule);
    return {};
  }
  if (command.rule.allow && config_.server.port == 0)
    return std::unexpected("The NTP port is closed by `port 0`: set another and restart gnomond.");
  server_.change_access(command.rule);
  ke_servers_.tell(ipc::AddAccessRule{command.rule});
  if (command.rule.allow && !server_.serves()) ask_for_ntp_sockets();
  publish_view();
  return {};
}

}  // namespace gnomon::core
