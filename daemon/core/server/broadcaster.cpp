// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/server/broadcaster.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "async/every.hpp"
#include "base/os/socket.hpp"
#include "daemon/core/engine/serving/broadcast_packet.hpp"

namespace gnomon::core {

namespace {

// As chrony has it: once a second to once in 2^24 s.
base::Seconds interval_of(const config::Broadcast& destination) {
  return std::clamp(destination.interval, base::Seconds{1}, base::Seconds{1 << 24});
}

}  // namespace

Broadcaster::Broadcaster(async::TaskGroup& tasks, base::Log& log, std::vector<int> sockets)
    : tasks_(tasks), log_(log), sockets_(std::move(sockets)) {}

void Broadcaster::start(const std::vector<config::Broadcast>& destinations,
                        const std::function<engine::ServerView(const base::Now&)>& view) {
  for (const auto& destination : destinations)
    tasks_.spawn("broadcast to " + base::to_string(destination.destination), run(destination, view));
}

asio::awaitable<void> Broadcaster::run(config::Broadcast destination,
                                       std::function<engine::ServerView(const base::Now&)> view) {
  int last_error = 0;
  co_await async::every(tasks_.loop(), base::to_duration(interval_of(destination)), [&] {
    const int error = send(destination, view(tasks_.now()));
    if (error != std::exchange(last_error, error) && error != 0) say(destination, error);
  });
}

int Broadcaster::send(const config::Broadcast& destination, const engine::ServerView& view) const {
  const bool v4 = destination.destination.address.family == base::AddressFamily::ipv4;
  int error = EAFNOSUPPORT;
  for (const int socket : sockets_) {
    const int family = base::address_family(socket);
    if (!v4 && family == AF_INET) continue;
    const auto to = base::to_socket_address(destination.destination, family == AF_INET6);
    const auto packet = engine::broadcast_packet(view, tasks_.now().real, interval_of(destination));
    const auto sent =
        ::sendto(socket, packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL, to.get(), to.size);
    if (sent >= 0) return 0;
    error = errno;  // a socket of IPv6 alone, perhaps
  }
  return error;
}

void Broadcaster::say(const config::Broadcast& destination, int error) {
  const auto address = base::to_string(destination.destination);
  log_.write(
      base::LogEvent::send_failed,
      fmt::format("Could not send to {}: {}", address, base::to_string(base::OsError{"sendto", error})),
      {{base::LogField::directive, "broadcast"},
       {base::LogField::address, address},
       {base::LogField::os_error, error}});
}

}  // namespace gnomon::core
