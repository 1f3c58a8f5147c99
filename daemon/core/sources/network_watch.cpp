// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/network_watch.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>

#include "async/loop.hpp"
#include "base/os/socket.hpp"

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

bool ask_for_addresses(int netlink) {
  struct {
    nlmsghdr header{};
    ifaddrmsg body{};
  } request;
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = RTM_GETADDR;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  return ::send(netlink, &request, sizeof request, 0) == static_cast<ssize_t>(sizeof request);
}

bool ends_dump(base::Bytes datagram) {
  while (const auto header = header_of<nlmsghdr>(datagram)) {
    if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) return true;
    if (header->nlmsg_len < sizeof(nlmsghdr) || header->nlmsg_len > datagram.size()) return true;
    datagram = after(datagram, header->nlmsg_len);
  }
  return false;
}

bool is_default_route(base::Bytes body) {
  const auto route = header_of<rtmsg>(body);
  return route && route->rtm_dst_len == 0 && route->rtm_type == RTN_UNICAST &&
         (route->rtm_flags & RTM_F_CLONED) == 0;
}

}  // namespace

// getifaddrs() would end the process where the kernel refuses.
std::vector<base::IpAddress> local_addresses() {
  const base::Fd netlink{socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)};
  if (!netlink || !ask_for_addresses(netlink.get())) return {};
  NetworkEvents events;
  // Not written to before it is needed.
  constexpr std::size_t room = 32768;
  const auto buffer = std::make_unique_for_overwrite<std::uint8_t[]>(room);
  while (true) {
    const auto size = ::recv(netlink.get(), buffer.get(), room, 0);
    if (size <= 0) break;
    const auto datagram = base::Bytes{buffer.get(), static_cast<std::size_t>(size)};
    static_cast<void>(events.take(datagram));
    if (ends_dump(datagram)) break;
  }
  return {events.own_addresses().begin(), events.own_addresses().end()};
}

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

void NetworkEvents::remember_own(const base::IpAddress& address, bool added) {
  if (!added)
    own_.erase(address);
  else if (address.is_specified() && own_.size() < most_known)
    own_.insert(address);
}

bool NetworkEvents::address_message(base::Bytes body, bool added) {
  const auto header = header_of<ifaddrmsg>(body);
  if (!header) return false;
  const auto rest = after(body, sizeof(ifaddrmsg));
  // Of a link between two that is the far end's, and IFA_LOCAL ours.
  const auto octets = attribute(rest, IFA_ADDRESS);
  const auto local = attribute(rest, IFA_LOCAL);
  remember_own(base::from_octets(local.empty() ? octets : local), added);
  // Nothing far away is reached from an address that holds on one link or on this machine only.
  if (header->ifa_scope >= RT_SCOPE_LINK) return false;
  if (octets.size() != 4 && octets.size() != 16) return false;
  const Known address{header->ifa_index, base::from_octets(octets)};
  if (!added) {
    known_.erase(address);
    return false;
  }
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
  while (true) {
    const auto [error] = co_await descriptor_.async_wait(asio::posix::descriptor_base::wait_read, tok);
    if (error) co_return;
    const bool news = read_news();
    if (events_.own_addresses() != told_) handlers_.on_own_addresses(told_ = events_.own_addresses());
    if (!news) continue;
    co_await async::pause_for(tasks_.loop(), settling);
    static_cast<void>(read_news());
    handlers_.on_changed();
  }
}

}  // namespace gnomon::core
