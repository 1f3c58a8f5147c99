// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/listeners.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/os/socket.hpp"
#include "daemon/launcher/sockets/acquisition_sockets.hpp"
#include "daemon/launcher/sockets/awaited_device.hpp"
#include "daemon/launcher/sockets/beside_others.hpp"
#include "daemon/launcher/sockets/bind_plan.hpp"
#include "daemon/launcher/sockets/kept_sockets.hpp"

namespace gnomon::launcher {
namespace {

using base::Fd;

constexpr std::int64_t longest_backlog = 65535;

// One kind of server socket.
struct Service {
  const char* name = "";       // for people
  const char* transport = "";  // UDP, TCP
  const char* directive = "";  // that sets its port
  int type = SOCK_DGRAM;
  std::uint16_t port = 0;
  int backlog = 0;
  base::SocketOptions options;
};

bool is_any_of_one_family(const base::ActivatedSocket& socket, const Service& service) {
  if (base::integer_option(socket.fd.get(), SOL_SOCKET, SO_TYPE) != service.type) return false;
  const auto local = base::local_endpoint(socket.fd.get());
  if (!local || local->port != service.port || !local->address.is_any()) return false;
  return local->address.family == base::AddressFamily::ipv4 ||
         base::integer_option(socket.fd.get(), IPPROTO_IPV6, IPV6_V6ONLY) == 1;
}

// What is being gathered for one kind of socket.
struct Opening {
  const Service& service;
  int count = 1;  // sockets wanted for each address
  std::vector<base::ActivatedSocket>& inherited;
  std::vector<Fd>& sockets;
  Listeners& all;
  bool beside_others = false;  // who have some of this machine's addresses

  void add(Fd socket, bool held) {
    const bool is_deaf = std::ranges::find(all.deaf, socket.get()) != all.deaf.end();
    const bool has_device = !service.options.device.empty();
    // What is bound to a device, or deaf, would be that after the restart, whatever is configured then.
    if (!held && !has_device) all.unheld.push_back(socket.get());
    if (!held && has_device && !is_deaf && service.type == SOCK_DGRAM) all.bound.push_back(socket.get());
    sockets.push_back(std::move(socket));
  }
};

// How many were there.
int take_inherited(Opening& opening, const base::IpAddress& address) {
  int taken = 0;
  for (auto& socket : opening.inherited) {
    if (!socket.fd || base::integer_option(socket.fd.get(), SOL_SOCKET, SO_TYPE) != opening.service.type)
      continue;
    const auto local = base::local_endpoint(socket.fd.get());
    if (!local || *local != base::Endpoint{address, opening.service.port}) continue;
    opening.add(std::move(socket.fd), !is_kept(socket));
    ++taken;
  }
  return taken;
}

std::string remedy(int reason, const Service& service) {
  switch (reason) {
    case EADDRINUSE:
      return fmt::format("another server has the port (ss -lnp 'sport = {}' names it): stop it, or set `{}`",
                         service.port, service.directive);
    case EACCES:
    case EPERM:
      return fmt::format("ports below 1024 need root or CAP_NET_BIND_SERVICE: start as root, or set `{}`",
                         service.directive);
    case EADDRNOTAVAIL:
      return "this machine does not have the address: check `bindaddress`";
    case ENODEV:
      return "this machine does not have the interface: check `binddevice`";
    default:
      return fmt::format("check `bindaddress` and `{}`", service.directive);
  }
}

std::string failure(const PlannedAddress& planned, const Service& service, const base::OsError& error) {
  return fmt::format("Could not listen on {} {} for {}: {}; {}", service.transport,
                     base::to_string(base::Endpoint{planned.address, service.port}), service.name,
                     std::strerror(error.code), remedy(error.code, service));
}

// First alone, so that a second server of the same addresses is refused.
base::OsResult<Fd> bind_udp(Opening& opening, const base::Endpoint& local, base::SocketOptions options) {
  if (options.reuse_port) {  // not the first
    options.reuse_address |= opening.beside_others;
    return base::bind_udp(local, options);
  }
  opening.beside_others = false;
  auto socket = base::bind_udp(local, options);
  if (socket || socket.error().code != EADDRINUSE || !local.address.is_any()) return socket;
  socket = bind_beside_others(local, options);
  opening.beside_others = socket.has_value();
  return socket;
}

base::OsResult<Fd> bind_here(Opening& opening, const PlannedAddress& planned, base::SocketOptions options,
                             bool reuse_port) {
  options.v6_only = !planned.dual_stack;
  options.free_bind = !planned.address.is_any();
  options.reuse_port = reuse_port;
  const auto& service = opening.service;
  const base::Endpoint local{planned.address, service.port};
  return service.type == SOCK_DGRAM ? bind_udp(opening, local, options)
                                    : base::listen_tcp(local, options, service.backlog);
}

// An interface that is not there yet (a tunnel, a VLAN, ppp) must not keep the server from starting: the
// socket waits for it. A listener is given up instead, since there are kernels (Linux 6.18) where none can be
// made deaf without CAP_NET_ADMIN: none then, but the port is free.
base::OsResult<Fd> bind_one(Opening& opening, const PlannedAddress& planned, bool reuse_port) {
  auto options = opening.service.options;
  auto socket = bind_here(opening, planned, options, reuse_port);
  if (socket || socket.error().code != ENODEV || options.device.empty()) return socket;
  options.device.clear();
  socket = bind_here(opening, planned, options, reuse_port);
  if (!socket) return socket;
  if (opening.service.type == SOCK_STREAM) {
    opening.all.ke.awaited = true;
    return Fd{};
  }
  if (const auto shut = hear_only(socket->get(), 0); !shut) return std::unexpected(shut.error());
  opening.all.deaf.push_back(socket->get());
  return socket;
}

// Further sockets for the same address: the kernel deals the packets out among them. The first was bound
// without SO_REUSEPORT, so that a second daemon is refused, and shares from now on.
void add_sharers(Opening& opening, const PlannedAddress& planned, int present) {
  const int on = 1;
  if (opening.count > present)
    (void)setsockopt(opening.sockets.back().get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  for (int i = present; i < opening.count; ++i) {
    auto more = bind_one(opening, planned, true);
    if (!more) return;  // a socket of another user, as systemd's is, may not be shared: fewer workers then
    opening.add(std::move(*more), false);
    const int off = 0;
    if (opening.beside_others)
      (void)setsockopt(opening.sockets.back().get(), SOL_SOCKET, SO_REUSEADDR, &off, sizeof off);
  }
}

// EINVAL is what a simulator says that has no such sockets.
bool lacks_ipv6(const base::OsError& error) {
  return std::string_view{error.call} == "socket" &&
         (error.code == EAFNOSUPPORT || error.code == EPROTONOSUPPORT || error.code == EINVAL);
}

void tell_shared(const PlannedAddress& planned, const Service& service, base::Log& log) {
  const auto address = base::to_string(base::Endpoint{planned.address, service.port});
  log.write(
      base::LogEvent::port_shared,
      fmt::format("Another server has port {} at some of this machine's addresses (ss -lnup 'sport = {}' "
                  "names it): requests to these go there, those to all others come here",
                  service.port, service.port),
      {{base::LogField::address, address}});
}

std::expected<void, std::string> open_address(Opening& opening, PlannedAddress planned, base::Log& log) {
  const auto& service = opening.service;
  if (const int taken = take_inherited(opening, planned.address); taken > 0) {
    const auto address = base::to_string(base::Endpoint{planned.address, service.port});
    log.write(base::LogEvent::socket_inherited,
              fmt::format("Using the {} socket of the service manager on {}", service.transport, address),
              {{base::LogField::address, address}});
    add_sharers(opening, planned, taken);
    return {};
  }
  auto socket = bind_one(opening, planned, false);
  if (!socket && planned.address.family == base::AddressFamily::ipv6 && lacks_ipv6(socket.error())) {
    if (!planned.dual_stack) return {};
    planned = {{.family = base::AddressFamily::ipv4}};
    socket = bind_one(opening, planned, false);
  }
  if (!socket) return std::unexpected(failure(planned, service, socket.error()));
  if (!*socket) return {};
  if (opening.beside_others) tell_shared(planned, service, log);
  opening.add(std::move(*socket), false);
  add_sharers(opening, planned, 1);
  return {};
}

std::expected<void, std::string> open_service(Opening opening, const config::Config& config,
                                              const config::CommandLine& options, base::Log& log) {
  auto plan = plan_addresses(config.server.bind_addresses, options.family);
  const bool one_each = std::ranges::any_of(opening.inherited, [&](const base::ActivatedSocket& socket) {
    return socket.fd && is_any_of_one_family(socket, opening.service);
  });
  if (plan.front().dual_stack && one_each)
    plan = {{{.family = base::AddressFamily::ipv4}}, {{.family = base::AddressFamily::ipv6}}};
  for (const auto& planned : plan)
    if (auto opened = open_address(opening, planned, log); !opened) return opened;
  return {};
}

Service ke_service(const config::Config& config) {
  const auto clients = std::int64_t{std::clamp(config.nts.processes, 1, 1000)} * config.nts.max_connections;
  return {.name = "NTS key exchange",
          .transport = "TCP",
          .directive = "ntsport",
          .type = SOCK_STREAM,
          .port = config.nts.port,
          // The kernel takes no more than net.core.somaxconn.
          .backlog = static_cast<int>(std::min(clients, longest_backlog)),
          .options = {.reuse_address = true, .device = config.server.bind_device}};
}

Service ntp_service(const config::Config& config) {
  return {.name = "NTP",
          .transport = "UDP",
          .directive = "port",
          .type = SOCK_DGRAM,
          .port = config.server.port,
          .options = {.device = config.server.bind_device, .dscp = config.server.dscp}};
}

Service ptp_service(const config::Config& config) {
  auto service = ntp_service(config);
  service.name = "NTP over PTP";
  service.directive = "ptpport";
  service.port = config.server.ptp_port;
  return service;
}

// What is opened at the start.
struct WantedService {
  Service service;
  int count = 1;  // sockets for each address
  std::vector<Fd>& sockets;
};

std::vector<WantedService> wanted_services(const config::Config& config, Listeners& listeners) {
  std::vector<WantedService> wanted;
  const int workers = worker_count(config.server, std::thread::hardware_concurrency());
  if (config.serves_ntp()) wanted.push_back({ntp_service(config), workers, listeners.ntp});
  if (config.serves_ntp() && config.server.ptp_port != 0)
    wanted.push_back({ptp_service(config), 1, listeners.ptp});
  if (config.serves_ke()) wanted.push_back({ke_service(config), 1, listeners.ke.sockets});
  return wanted;
}

// Those kept over a restart hear all interfaces: none for a service of one of them.
std::vector<KeptPlace> kept_places(const std::vector<WantedService>& wanted, const config::Config& config,
                                   base::AddressFamily family) {
  std::vector<KeptPlace> places;
  for (const auto& [service, count, sockets] : wanted) {
    if (!service.options.device.empty()) continue;
    for (const auto& planned : plan_addresses(config.server.bind_addresses, family)) {
      places.push_back({service.type, {planned.address, service.port}, count});
      const base::IpAddress any{.family = base::AddressFamily::ipv4};
      if (planned.dual_stack) places.push_back({service.type, {any, service.port}, count});
    }
  }
  return places;
}

// At run time, one for each address.
std::expected<std::vector<Fd>, std::string> open_late(const Service& service, const config::Config& config,
                                                      const config::CommandLine& options,
                                                      const char* without_device, base::Log& log) {
  std::vector<base::ActivatedSocket> none;
  Listeners late;
  std::vector<Fd> sockets;
  const auto opened = open_service({service, 1, none, sockets, late}, config, options, log);
  if (!opened) return std::unexpected(opened.error());
  if (!late.deaf.empty() || late.ke.awaited) return std::unexpected(without_device);
  return sockets;
}

}  // namespace

std::expected<std::vector<base::Fd>, std::string> open_late_ntp_sockets(const config::Config& config,
                                                                        const config::CommandLine& options,
                                                                        const std::vector<base::Fd>& peers,
                                                                        base::Log& log) {
  auto service = ntp_service(config);
  service.options.reuse_address = !peers.empty();
  share_port(peers, true);
  auto opened = open_late(service, config, options,
                          "this machine does not have the interface of `binddevice` (yet)", log);
  share_port(peers, false);
  if (opened) share_port(*opened, false);
  return opened;
}

std::expected<std::vector<base::Fd>, std::string> reopen_ke_listeners(const config::Config& config,
                                                                      const config::CommandLine& options,
                                                                      base::Log& log) {
  return open_late(ke_service(config), config, options, "the interface is gone again", log);
}

std::expected<Listeners, std::string> open_listeners(const config::Config& config,
                                                     const config::CommandLine& options,
                                                     std::vector<base::ActivatedSocket>& inherited,
                                                     base::Log& log) {
  Listeners listeners;
  if (options.mode == config::RunMode::print_once) {
    listeners.acquisition = open_acquisition_sockets(config, options, {});
    return listeners;
  }
  const auto wanted = wanted_services(config, listeners);
  close_unusable(inherited, kept_places(wanted, config, options.family));
  for (const auto& [service, count, sockets] : wanted) {
    const auto opened = open_service({service, count, inherited, sockets, listeners}, config, options, log);
    if (!opened) return std::unexpected(opened.error());
  }
  listeners.acquisition = open_acquisition_sockets(config, options, listeners.ntp);
  listeners.ptp_clients = open_ptp_client_sockets(config, options, listeners.ptp);
  if (!listeners.deaf.empty() || listeners.ke.awaited)
    log.write(base::LogEvent::device_awaited,
              fmt::format("binddevice {}: this machine does not have that interface (yet): requests that "
                          "arrive through it are answered once it exists, others never",
                          config.server.bind_device),
              {{base::LogField::directive, "binddevice"}});
  return listeners;
}

}  // namespace gnomon::launcher
