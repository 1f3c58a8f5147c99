// SPDX-License-Identifier: GPL-2.0-or-later
// UDP sockets and timer descriptors of the modelled machine; owned by the Machine. Each has a real descriptor
// that nothing is ever sent on, so that numbers, flags and options are the kernel's.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "tests/sim/interpose/network.hpp"

namespace gnomon::interpose {

struct Arrived {
  Datagram datagram{};
  timespec stamp{};  // of the kernel
};
struct Departed {
  std::uint32_t number = 0;
  timespec stamp{};
  sockaddr_in to{};
  Octets payload{};
};

struct UdpSocket {
  std::uint16_t port = 0;
  std::optional<sockaddr_in> peer{};
  unsigned stamping = 0;  // SO_TIMESTAMPING
  bool stamp_ns = false;  // SO_TIMESTAMPNS
  bool packet_info = false;
  std::uint32_t sent = 0;
  std::deque<Arrived> arrived{};
  std::deque<Departed> departed{};  // the error queue
};

struct Timer {
  clockid_t clock = 0;
  double at = 0;  // CLOCK_MONOTONIC, as KernelClock::monotonic(); 0: not armed
  double interval = 0;
  std::uint64_t expired = 0;
};

constexpr std::uint32_t local_address = 0xc6336401;  // 198.51.100.1

// As recvmsg(2) without waiting: the size, or a negative errno.
[[nodiscard]] ssize_t receive(UdpSocket& socket, msghdr& header, int flags);
// As setsockopt(2): notes what the model must know.
void note_option(UdpSocket& socket, int level, int name, int value);
// What sendmsg's control messages ask for: SO_TIMESTAMPING flags.
[[nodiscard]] unsigned stamping_asked(const msghdr& header);

}  // namespace gnomon::interpose
