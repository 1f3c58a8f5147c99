// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/kept_sockets.hpp"

#include <fmt/format.h>

#include "base/address.hpp"
#include "base/os/socket.hpp"

namespace gnomon::launcher {
namespace {

constexpr const char* kept_name = "kept";

std::string described(const base::ActivatedSocket& socket) {
  const auto local = base::local_endpoint(socket.fd.get());
  return local && local->port != 0 ? fmt::format("{} ({})", socket.name, base::to_string(*local))
                                   : socket.name;
}

}  // namespace

bool is_kept(const base::ActivatedSocket& socket) {
  return socket.name == kept_name;
}

void keep_over_restart(const Listeners& listeners) {
  // Those of another address or of more workers than now are in it as well: they would swallow requests.
  [[maybe_unused]] const auto removed =
      base::notify_systemd(fmt::format("FDSTOREREMOVE=1\nFDNAME={}", kept_name));
  if (listeners.unheld.empty()) return;
  // FDPOLL=0: a transmit timestamp that waits to be read looks like an error on the socket.
  [[maybe_unused]] const auto stored =
      base::notify_systemd(fmt::format("FDSTORE=1\nFDNAME={}\nFDPOLL=0", kept_name), listeners.unheld);
}

void name_unused(const std::vector<base::ActivatedSocket>& inherited, base::Log& log) {
  for (const auto& socket : inherited) {
    if (!socket.fd || is_kept(socket)) continue;
    log.write(base::LogEvent::socket_unused,
              fmt::format("The service manager holds the socket {}, which nothing in the configuration uses: "
                          "its clients get no reply; configure its use (`allow`, `ntsservercert`, "
                          "`controlsocket`), or disable its socket unit",
                          described(socket)),
              {{base::LogField::address, described(socket)}});
  }
}

}  // namespace gnomon::launcher
