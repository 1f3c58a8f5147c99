// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/command_sockets.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "base/os/socket.hpp"
#include "daemon/launcher/sockets/awaited_device.hpp"

namespace gnomon::launcher {
namespace {

using base::AddressFamily;
using base::Fd;

std::optional<Fd> take_udp(std::vector<base::ActivatedSocket>& inherited, const base::Endpoint& wanted) {
  for (auto& each : inherited) {
    if (!each.fd || base::integer_option(each.fd.get(), SOL_SOCKET, SO_TYPE) != SOCK_DGRAM) continue;
    const auto local = base::local_endpoint(each.fd.get());
    if (local && *local == wanted) return std::move(each.fd);
  }
  return std::nullopt;
}

// EINVAL is what a simulator says that has no such sockets.
bool is_missing_here(const base::OsError& error) {
  return error.code == EADDRNOTAVAIL || error.code == EAFNOSUPPORT || error.code == EINVAL;
}

bool is_default(const base::Endpoint& endpoint, const config::ControlSettings& control) {
  return std::ranges::find(control.command_addresses, endpoint.address) == control.command_addresses.end();
}

// Until its interface is there.
base::OsResult<Fd> bind_deaf(const base::Endpoint& endpoint, bool free_bind) {
  auto socket = base::bind_udp(endpoint, {.free_bind = free_bind});
  if (!socket) return socket;
  if (const auto shut = hear_only(socket->get(), 0); !shut) return std::unexpected(shut.error());
  return socket;
}

void open_udp(CommandSockets& opened, const base::Endpoint& endpoint, const config::ControlSettings& control,
              std::vector<base::ActivatedSocket>& inherited) {
  if (auto taken = take_udp(inherited, endpoint)) {
    opened.udp.push_back(std::move(*taken));
    return;
  }
  const bool free_bind = !endpoint.address.is_any() && !endpoint.address.is_loopback();
  bool is_deaf = false;
  auto socket = base::bind_udp(endpoint, {.free_bind = free_bind, .device = control.command_device});
  if (!socket && socket.error().code == ENODEV && !control.command_device.empty()) {
    is_deaf = true;
    socket = bind_deaf(endpoint, free_bind);
  }
  if (socket) {
    if (!control.command_device.empty()) (is_deaf ? opened.deaf : opened.bound).push_back(socket->get());
    opened.udp.push_back(std::move(*socket));
  } else if (!is_missing_here(socket.error()) || !is_default(endpoint, control))
    opened.failures.push_back(
        fmt::format("{} ({})", base::to_string(endpoint), base::to_string(socket.error())));
}

std::expected<Fd, std::string> open_unix(const std::string& path, const FolderOwners& owners) {
  if (auto folder = prepare_command_folder(std::filesystem::path{path}.parent_path(), owners); !folder)
    return std::unexpected(folder.error());
  return bind_unix(path, SOCK_DGRAM, true);
}

void open_path(CommandSockets& opened, const std::string& path, const FolderOwners& owners,
               std::vector<base::ActivatedSocket>& inherited) {
  for (auto& each : inherited) {
    if (!each.fd || !is_bound_to(each.fd.get(), path)) continue;
    static_cast<void>(tell_senders(each.fd.get()));
    opened.unix_socket = std::move(each.fd);
    return;
  }
  auto socket = open_unix(path, owners);
  if (!socket) return opened.failures.push_back(fmt::format("{} ({})", path, socket.error()));
  opened.unix_socket = std::move(*socket);
  opened.file = SocketFile{path};
}

}  // namespace

std::vector<base::Endpoint> plan_command_endpoints(const config::ControlSettings& control,
                                                   AddressFamily family) {
  std::vector<base::Endpoint> planned;
  if (control.command_port == 0) return planned;
  for (const char* const loopback : {"127.0.0.1", "::1"}) {
    auto address = base::parse_address(loopback).value_or(base::IpAddress{});
    if (family != AddressFamily::unspecified && address.family != family) continue;
    const auto& configured = control.command_addresses;
    const auto instead = std::ranges::find(configured, address.family, &base::IpAddress::family);
    if (instead != configured.end()) address = *instead;
    planned.push_back({address, control.command_port});
  }
  return planned;
}

CommandSockets open_command_sockets(const config::Config& config, const config::CommandLine& options,
                                    const FolderOwners& owners,
                                    std::vector<base::ActivatedSocket>& inherited) {
  CommandSockets opened;
  if (options.mode == config::RunMode::print_once) return opened;
  const auto& control = config.control;
  const auto& path = control.command_socket;
  if (!path.empty() && path != "/") open_path(opened, path, owners, inherited);
  for (const auto& endpoint : plan_command_endpoints(control, options.family))
    open_udp(opened, endpoint, control, inherited);
  return opened;
}

}  // namespace gnomon::launcher
