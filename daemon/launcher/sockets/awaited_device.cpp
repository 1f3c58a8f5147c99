// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/awaited_device.hpp"

#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include <fmt/format.h>

#include "base/os/fd.hpp"

namespace gnomon::launcher {

base::OsResult<void> hear_only(int socket, unsigned interface) {
  constexpr auto index_of_arrival = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_IFINDEX);
  constexpr std::uint32_t whole = UINT32_MAX;
  std::array<sock_filter, 4> program{{{BPF_LD | BPF_W | BPF_ABS, 0, 0, index_of_arrival},
                                      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, interface},
                                      {BPF_RET | BPF_K, 0, 0, whole},
                                      {BPF_RET | BPF_K, 0, 0, 0}}};
  if (interface == 0) program.at(2) = program.at(3);  // a packet may have none
  const sock_fprog filter{static_cast<std::uint16_t>(program.size()), program.data()};
  if (setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0)
    return std::unexpected(base::last_error("setsockopt(SO_ATTACH_FILTER)"));
  return {};
}

base::OsResult<void> bind_again(int socket, const std::string& device) {
  if (const auto shut = hear_only(socket, 0); !shut) return shut;
  const sockaddr nobody{.sa_family = AF_UNSPEC, .sa_data = {}};
  if (connect(socket, &nobody, sizeof nobody) != 0) return std::unexpected(base::last_error("connect"));
  if (setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, device.data(), static_cast<socklen_t>(device.size())) !=
      0)
    return std::unexpected(base::last_error("setsockopt(SO_BINDTODEVICE)"));
  const int none = 0;
  if (setsockopt(socket, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof none) != 0)
    return std::unexpected(base::last_error("setsockopt(SO_DETACH_FILTER)"));
  return {};
}

namespace {

// None where the kernel or a sandbox has no netlink for us.
base::Fd open_link_events() {
  base::Fd events{socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)};
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK;
  if (!events ||
      bind(events.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)  // NOLINT
    return {};
  return events;
}

}  // namespace

base::OsResult<AwaitedDevice> AwaitedDevice::make(const std::string& device, const std::vector<int>& deaf,
                                                  const std::vector<int>& bound, bool awaited_elsewhere) {
  if (device.empty()) return AwaitedDevice{};  // and nobody is woken by what becomes of interfaces
  auto deaf_ones = base::duplicates_of(deaf);
  if (!deaf_ones) return std::unexpected(deaf_ones.error());
  auto bound_ones = base::duplicates_of(bound);
  if (!bound_ones) return std::unexpected(bound_ones.error());
  AwaitedDevice awaited;
  awaited.device_ = device;
  awaited.deaf_ = std::move(*deaf_ones);
  awaited.bound_ = std::move(*bound_ones);
  awaited.events_ = open_link_events();  // first: what changes from here on is told
  // Who waits for it is told even if it has come meanwhile.
  if (deaf.empty() && !awaited_elsewhere) awaited.interface_ = if_nametoindex(device.c_str());
  return awaited;
}

// What they say is seen by the look that follows; an overflow is news as well.
void AwaitedDevice::take_events() const {
  std::array<char, 4096> message{};
  while (recv(events_.get(), message.data(), message.size(), 0) > 0 || errno == ENOBUFS) continue;
}

std::optional<AwaitedDevice::Change> AwaitedDevice::look() {
  if (!wanted()) return std::nullopt;
  const unsigned interface = if_nametoindex(device_.c_str());
  if (interface == interface_) return std::nullopt;
  interface_ = interface;
  Change change{.is_there = interface != 0, .done = {}};
  for (const auto& socket : deaf_)
    if (auto heard = hear_only(socket.get(), interface); !heard) change.done = heard;
  if (!change.is_there) return change;
  for (const auto& socket : bound_)
    if (auto again = bind_again(socket.get(), device_); !again) change.done = again;
  return change;
}

void name_change(std::string_view directive, const std::string& device, bool is_there,
                 const std::string& trouble, base::Log& log) {
  const char* const whats = directive == "binddevice" ? "requests" : "requests of chronyc";
  const auto what = !trouble.empty() ? "cannot be used: " + trouble
                    : is_there       ? fmt::format("exists: {} that arrive through it are answered", whats)
                                     : fmt::format("is gone: no {} are answered until it comes back", whats);
  log.write(is_there && trouble.empty() ? base::LogEvent::device_came : base::LogEvent::device_awaited,
            fmt::format("{} {}: the interface {}", directive, device, what),
            {{base::LogField::directive, directive}});
}

}  // namespace gnomon::launcher
