// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/metrics_sockets.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <expected>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/os/socket.hpp"

namespace gnomon::launcher {

namespace {

using config::MetricsAddress;

constexpr int scraper_backlog = 128;

std::string name_of(const MetricsAddress& address) {
  return address.path.empty() ? base::to_string(address.endpoint) : address.path;
}

bool listens_at(int socket, const MetricsAddress& address) {
  int listens = 0;
  socklen_t size = sizeof listens;
  if (getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) return false;
  if (!address.path.empty()) return is_bound_to(socket, address.path);
  const auto local = base::local_endpoint(socket);
  return local && *local == address.endpoint;
}

base::Fd inherited_at(const MetricsAddress& address, std::vector<base::ActivatedSocket>& inherited) {
  for (auto& each : inherited)
    if (each.fd && listens_at(each.fd.get(), address)) return std::move(each.fd);
  return {};
}

std::expected<base::Fd, std::string> listen_at(const MetricsAddress& address) {
  if (address.path.empty()) {
    const bool free_bind = !address.endpoint.address.is_any();
    auto bound =
        base::listen_tcp(address.endpoint, {.reuse_address = true, .free_bind = free_bind}, scraper_backlog);
    if (!bound) return std::unexpected(base::to_string(bound.error()));
    return std::move(*bound);
  }
  auto bound = bind_unix(address.path, SOCK_STREAM);
  if (bound && listen(bound->get(), scraper_backlog) != 0)
    return std::unexpected(base::to_string(base::last_error("listen")));
  return bound;
}

}  // namespace

MetricsSockets open_metrics_sockets(const config::Config& config, const config::CommandLine& options,
                                    std::vector<base::ActivatedSocket>& inherited, base::Log& log) {
  MetricsSockets opened;
  if (options.mode != config::RunMode::daemon) return opened;
  for (const auto& address : config.control.metrics_addresses) {
    if (auto held = inherited_at(address, inherited)) {
      fcntl(held.get(), F_SETFL, O_NONBLOCK);
      opened.sockets.push_back(std::move(held));
      continue;
    }
    auto bound = listen_at(address);
    if (bound) {
      opened.sockets.push_back(std::move(*bound));
      if (!address.path.empty()) opened.files.emplace_back(address.path);
      continue;
    }
    const auto name = name_of(address);
    log.write(
        base::LogEvent::metrics_socket_missing,
        fmt::format("Nobody can ask for metrics at {}: {}; correct `metricsaddress`, or stop the program "
                    "that has the port",
                    name, bound.error()),
        {{base::LogField::address, name}, {base::LogField::reason, bound.error()}});
  }
  return opened;
}

}  // namespace gnomon::launcher
