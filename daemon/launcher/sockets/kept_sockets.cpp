// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/kept_sockets.hpp"

#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/address.hpp"
#include "base/os/socket.hpp"

namespace gnomon::launcher {
namespace {

constexpr const char* kept_socket_name = "kept";

std::string described(const base::ActivatedSocket& socket) {
  const auto local = base::local_endpoint(socket.fd.get());
  return local && local->port != 0 ? fmt::format("{} ({})", socket.name, base::to_string(*local))
                                   : socket.name;
}

bool is_bound_to_device(int socket) {
  std::array<char, IF_NAMESIZE> name{};
  socklen_t size = name.size();
  return getsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, name.data(), &size) == 0 && size > 0;
}

// As it was bound, whatever the processes before have done with it.
bool is_intact(int socket, int type) {
  base::SocketAddress peer;
  if (getpeername(socket, peer.get(), &peer.size) == 0 || is_bound_to_device(socket)) return false;
  if (type == SOCK_STREAM) return base::integer_option(socket, SOL_SOCKET, SO_ACCEPTCONN) == 1;
  pollfd state{socket, POLLRDHUP, 0};
  return poll(&state, 1, 0) >= 0 && (state.revents & (POLLRDHUP | POLLHUP)) == 0;
}

bool take_place(int socket, std::vector<KeptPlace>& places) {
  const auto local = base::local_endpoint(socket);
  const int type = base::integer_option(socket, SOL_SOCKET, SO_TYPE);
  if (!local || !is_intact(socket, type)) return false;
  const auto place = std::ranges::find_if(places, [&](const KeptPlace& each) {
    return each.type == type && each.local == *local && each.count > 0;
  });
  if (place == places.end()) return false;
  --place->count;
  return true;
}

}  // namespace

bool is_kept(const base::ActivatedSocket& socket) {
  return socket.name == kept_socket_name;
}

void close_unusable(std::vector<base::ActivatedSocket>& inherited, std::vector<KeptPlace> places) {
  for (auto& socket : inherited)
    if (is_kept(socket) && socket.fd && !take_place(socket.fd.get(), places)) socket.fd.close();
}

void keep_over_restart(const std::vector<int>& sockets) {
  // Those of another address or of more workers than now are in it as well: they would swallow requests.
  [[maybe_unused]] const auto removed =
      base::notify_systemd(fmt::format("FDSTOREREMOVE=1\nFDNAME={}", kept_socket_name));
  if (sockets.empty()) return;
  // FDPOLL=0: a transmit timestamp that waits to be read looks like an error on the socket.
  [[maybe_unused]] const auto stored =
      base::notify_systemd(fmt::format("FDSTORE=1\nFDNAME={}\nFDPOLL=0", kept_socket_name), sockets);
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
