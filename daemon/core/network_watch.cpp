// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/network_watch.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>

namespace gnomon::core {

namespace {

constexpr auto settling = std::chrono::seconds{1};
constexpr std::size_t most_known = 1024;

// Netlink's structures lie in the datagram at multiples of four octets, in the machine's own order.
template <class Header>
std::optional<Header> header_of(base::Bytes octets) {
  if (octets.size() < sizeof(Header)) return std::nullopt;
  Header header{};
  std::memcpy(&header, octets.data(), sizeof(Header));
  return header;
}

std::size_t aligned(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

base::Bytes after(base::Bytes octets, std::size_t size) {
  return octets.subspan(std::min(aligned(size), octets.size()));
}

base::Bytes attribute(base::Bytes octets, std::uint16_t wanted) {
  while (const auto header = header_of<rtattr>(octets)) {
    if (header->rta_len < sizeof(rtattr) || header->rta_len > octets.size()) return {};
    if (header->rta_type == wanted) return octets.subspan(sizeof(rtattr), header->rta_len - sizeof(rtattr));
    octets = after(octets, header->rta_len);
  }
  return {};
}

bool is_default_route(base::Bytes body) {
  const auto route = header_of<rtmsg>(body);
  return route && route->rtm_dst_len == 0 && route->rtm_type == RTN_UNICAST &&
         (route->rtm_flags & RTM_F_CLONED) == 0;
}

}  // namespace

base::OsResult<base::Fd> open_network_events() {
  base::Fd events{socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)};
  if (!events) return std::unexpected(base::last_error("socket"));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  sockaddr_storage storage{};
  std::memcpy(&storage, &address, sizeof address);
  if (bind(events.get(), reinterpret_cast<const sockaddr*>(&storage), sizeof address) !=
      0)  // NOLINT: sockets
    return std::unexpected(base::last_error("bind"));
  return events;
}

bool NetworkEvents::address_message(base::Bytes body, bool added) {
  const auto header = header_of<ifaddrmsg>(body);
  // Nothing far away is reached from an address that holds on one link or on this machine only.
  if (!header || header->ifa_scope >= RT_SCOPE_LINK) return false;
  const auto octets = attribute(after(body, sizeof(ifaddrmsg)), IFA_ADDRESS);
  if (octets.size() != 4 && octets.size() != 16) return false;
  const Known address{header->ifa_index, base::from_octets(octets)};
  if (!added) return known_.erase(address), false;
  if (known_.size() >= most_known) known_.clear();
  return known_.insert(address).second;
}

bool NetworkEvents::take(base::Bytes datagram) {
  bool news = false;
  while (const auto header = header_of<nlmsghdr>(datagram)) {
    if (header->nlmsg_len < sizeof(nlmsghdr) || header->nlmsg_len > datagram.size()) break;
    const auto body = datagram.subspan(sizeof(nlmsghdr), header->nlmsg_len - sizeof(nlmsghdr));
    if (header->nlmsg_type == RTM_NEWADDR || header->nlmsg_type == RTM_DELADDR)
      news = address_message(body, header->nlmsg_type == RTM_NEWADDR) || news;
    if (header->nlmsg_type == RTM_NEWROUTE) news = is_default_route(body) || news;
    datagram = after(datagram, header->nlmsg_len);
  }
  return news;
}

bool NetworkWatch::read_news() {
  std::array<std::uint8_t, 8192> buffer{};
  bool news = false;
  while (true) {
    const auto size = ::recv(descriptor_.native_handle(), buffer.data(), buffer.size(), 0);
    if (size > 0) {
      news = events_.take(base::Bytes{buffer}.first(static_cast<std::size_t>(size))) || news;
      continue;
    }
    if (size < 0 && errno == EINTR) continue;
    // More happened than the kernel could keep for us: something of it will have mattered.
    if (size < 0 && errno == ENOBUFS) {
      news = true;
      continue;
    }
    return news;
  }
}

asio::awaitable<void> NetworkWatch::watch() {
  asio::steady_timer timer{tasks_.io()};
  while (true) {
    const auto [error] = co_await descriptor_.async_wait(asio::posix::descriptor_base::wait_read, tok);
    if (error) co_return;
    if (!read_news()) continue;
    timer.expires_after(settling);
    co_await timer.async_wait(tok);
    static_cast<void>(read_news());
    on_changed_();
  }
}

}  // namespace gnomon::core
