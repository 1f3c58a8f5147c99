// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/sample_sockets.hpp"

#include <sys/socket.h>

#include <algorithm>

#include <fmt/format.h>

namespace gnomon::launcher {

namespace {

base::Fd inherited_at(const std::string& path, std::vector<base::ActivatedSocket>& inherited) {
  for (auto& each : inherited)
    if (each.fd && is_bound_to(each.fd.get(), path)) {
      static_cast<void>(tell_senders(each.fd.get()));
      return std::move(each.fd);
    }
  return {};
}

std::string explain(const std::string& path, const std::string& error, const SampleSockets& opened) {
  if (std::ranges::find(opened.paths, path) != opened.paths.end())
    return "another refclock line has that socket already; remove one of the two";
  return fmt::format(
      "its socket cannot be made: {}; make its directory writable for gnomond, or let systemd make the "
      "socket "
      "(ListenDatagram=)",
      error);
}

}  // namespace

SampleSockets open_sample_sockets(const config::Config& config, std::vector<base::ActivatedSocket>& inherited,
                                  base::Log& log) {
  SampleSockets opened;
  for (const auto& clock : config.hardware.reference_clocks) {
    if (clock.driver != "SOCK") continue;
    const auto& path = clock.parameter;
    if (auto fd = inherited_at(path, inherited)) {
      opened.sockets.push_back(std::move(fd));
      opened.paths.push_back(path);
      continue;
    }
    auto bound = bind_unix(path, SOCK_DGRAM, true, SocketUsers::owner);
    if (bound) {
      opened.sockets.push_back(std::move(*bound));
      opened.files.emplace_back(path);
      opened.paths.push_back(path);
      continue;
    }
    opened.sockets.emplace_back();
    log.write(
        base::LogEvent::refclock_unusable,
        fmt::format("Reference clock SOCK {} cannot be used: {}", path, explain(path, bound.error(), opened)),
        {{base::LogField::source, "SOCK " + path}, {base::LogField::reason, bound.error()}});
  }
  return opened;
}

}  // namespace gnomon::launcher
