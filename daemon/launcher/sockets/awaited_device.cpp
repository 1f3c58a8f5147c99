// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/awaited_device.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>

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

base::OsResult<AwaitedDevice> AwaitedDevice::make(const std::string& device,
                                                  const std::vector<int>& sockets) {
  AwaitedDevice awaited;
  awaited.device_ = device;
  for (const int socket : sockets) {
    awaited.sockets_.emplace_back(fcntl(socket, F_DUPFD_CLOEXEC, 0));
    if (!awaited.sockets_.back()) return std::unexpected(base::last_error("fcntl(F_DUPFD_CLOEXEC)"));
  }
  return awaited;
}

std::optional<AwaitedDevice::Change> AwaitedDevice::look() {
  if (!wanted()) return std::nullopt;
  const unsigned interface = if_nametoindex(device_.c_str());
  if (interface == interface_) return std::nullopt;
  interface_ = interface;
  Change change{.is_there = interface != 0, .done = {}};
  for (const auto& socket : sockets_)
    if (auto heard = hear_only(socket.get(), interface); !heard) change.done = heard;
  return change;
}

}  // namespace gnomon::launcher
