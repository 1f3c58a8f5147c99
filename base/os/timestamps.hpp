// SPDX-License-Identifier: GPL-2.0-or-later
// When the kernel, or the network card, saw a packet arrive or leave, and which of our addresses it was sent
// to.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/os/error.hpp"
#include "base/time.hpp"

namespace gnomon::base {

enum class TimestampKind : std::uint8_t {
  receive,
  receive_and_transmit,
  receive_and_wished_transmit  // of packets sent with request_tx_timestamp() alone: the others cost nothing
                               // more
};
// Whether network cards are to timestamp as well: those that have been told to.
enum class Hardware : std::uint8_t { no, yes };
// Software timestamps. Sent packets that get transmit timestamps are counted from 0 on by this socket.
[[nodiscard]] OsResult<void> enable_timestamps(int socket, TimestampKind kind,
                                               Hardware hardware = Hardware::no);
// Restarts the count of requested transmit timestamps at 0.
[[nodiscard]] OsResult<void> restart_tx_timestamps(int socket, Hardware hardware = Hardware::no);
// The local address of every packet, on a socket of either family (an IPv6 socket: also for IPv4 packets).
[[nodiscard]] OsResult<void> enable_packet_info(int socket);

// Control messages of one received packet fit.
struct alignas(cmsghdr) ControlBuffer {
  std::array<std::uint8_t, 256> octets{};
};

struct Arrival {
  // When the kernel got it. It switches receive timestamps on in the background when the first socket of the
  // machine asks for them and off with the last: the first packets after that come without.
  std::optional<RealTime> time;
  IpAddress local;              // where it was sent to; unspecified: not told
  std::uint32_t interface = 0;  // index
  // When the network card saw it, by its own clock; then perhaps also through which card it came (index, 0:
  // not told) and how long it was there, without check sequence (octets, 0: not told).
  std::optional<Duration> hardware{};
  std::uint32_t card = 0;
  std::uint32_t layer2_length = 0;
};
// After recvmsg or recvmmsg into `header`.
[[nodiscard]] Arrival read_arrival(const msghdr& header);

// Makes `header` (whose control buffer this fills) answer from `local`; nothing when it is unspecified.
// `socket_family` AF_INET6: an IPv4 address is written in its mapped form.
void answer_from(msghdr& header, ControlBuffer& control, const IpAddress& local, std::uint32_t interface,
                 int socket_family);

// Adds to a `header` that is complete otherwise, whose control buffer is this.
void request_tx_timestamp(msghdr& header, ControlBuffer& control, Hardware hardware = Hardware::no);

struct TxTimestamp {
  // Which, counted since enable_timestamps(). The kernel always says so; simulators may tell the time alone,
  // of the one that was sent last.
  std::optional<std::uint32_t> packet;
  // One of the two, or both: from the kernel, and from the network card by its own clock. Each may come for
  // itself.
  std::optional<RealTime> time;
  std::optional<Duration> hardware{};
  std::uint32_t interface = 0;  // index; 0: not told
};
// The next one in the socket's error queue; nullopt: none (yet). Other errors in the queue are passed over.
[[nodiscard]] std::optional<TxTimestamp> next_tx_timestamp(int socket);

}  // namespace gnomon::base
