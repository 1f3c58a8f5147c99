// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/interpose/sockets.hpp"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace gnomon::interpose {

namespace {

class ControlWriter {
 public:
  explicit ControlWriter(msghdr& header) : header_(header), space_(header.msg_controllen) {
    header_.msg_controllen = 0;
  }
  template <class T>
  void add(int level, int type, const T& value) {
    if (header_.msg_control == nullptr || header_.msg_controllen + CMSG_SPACE(sizeof(T)) > space_) {
      header_.msg_flags |= MSG_CTRUNC;
      return;
    }
    cmsghdr c{};
    c.cmsg_level = level;
    c.cmsg_type = type;
    c.cmsg_len = CMSG_LEN(sizeof(T));
    auto* const at = static_cast<unsigned char*>(header_.msg_control) + header_.msg_controllen;
    std::memcpy(at, &c, sizeof c);
    std::memcpy(at + CMSG_LEN(0), &value, sizeof value);
    header_.msg_controllen += CMSG_SPACE(sizeof(T));
  }

 private:
  msghdr& header_;
  std::size_t space_;
};

ssize_t scatter(const Octets& octets, msghdr& header) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < header.msg_iovlen && done < octets.size(); ++i) {
    const auto part = std::min(header.msg_iov[i].iov_len, octets.size() - done);
    std::memcpy(header.msg_iov[i].iov_base, octets.data() + done, part);
    done += part;
  }
  if (done < octets.size()) header.msg_flags |= MSG_TRUNC;
  return static_cast<ssize_t>(done);
}

void name(const sockaddr_in& from, msghdr& header) {
  if (header.msg_name == nullptr) return;
  std::memcpy(header.msg_name, &from, std::min<std::size_t>(sizeof from, header.msg_namelen));
  header.msg_namelen = sizeof from;
}

in_pktinfo packet_info() {
  in_pktinfo info{};
  info.ipi_ifindex = 2;
  info.ipi_addr.s_addr = info.ipi_spec_dst.s_addr = htonl(local_address);
  return info;
}

// What came back from the device: the whole frame, of which daemons read addresses and the UDP payload.
Octets frame_of(const UdpSocket& socket, const Departed& d) {
  constexpr std::size_t ip_at = 14;
  constexpr std::size_t udp_at = ip_at + 20;
  constexpr std::size_t payload_at = udp_at + 8;
  Octets frame(payload_at);
  frame[12] = 0x08;
  frame[ip_at] = 0x45;
  frame[ip_at + 9] = IPPROTO_UDP;
  const std::uint32_t source = htonl(local_address);
  const std::uint16_t source_port = htons(socket.port);
  std::memcpy(&frame[ip_at + 12], &source, sizeof source);
  std::memcpy(&frame[ip_at + 16], &d.to.sin_addr, sizeof d.to.sin_addr);
  std::memcpy(&frame[udp_at], &source_port, sizeof source_port);
  std::memcpy(&frame[udp_at + 2], &d.to.sin_port, sizeof d.to.sin_port);
  frame.insert(frame.end(), d.payload.begin(), d.payload.end());
  return frame;
}

struct Error {  // as IP_RECVERR has it: with room for the offender's address
  sock_extended_err error{};
  sockaddr_in offender{};
};

ssize_t receive_departed(UdpSocket& socket, msghdr& header) {
  if (socket.departed.empty()) return -EAGAIN;
  const Departed departed = std::move(socket.departed.front());
  socket.departed.pop_front();
  header.msg_flags = MSG_ERRQUEUE;
  const bool only_stamp = (socket.stamping & SOF_TIMESTAMPING_OPT_TSONLY) != 0;
  const ssize_t size = only_stamp ? 0 : scatter(frame_of(socket, departed), header);
  name(departed.to, header);
  ControlWriter control(header);
  scm_timestamping stamps{};
  stamps.ts[0] = departed.stamp;
  control.add(SOL_SOCKET, SCM_TIMESTAMPING, stamps);
  if ((socket.stamping & SOF_TIMESTAMPING_OPT_CMSG) != 0 && socket.packet_info)
    control.add(IPPROTO_IP, IP_PKTINFO, packet_info());
  Error e;
  e.error.ee_errno = ENOMSG;
  e.error.ee_origin = SO_EE_ORIGIN_TIMESTAMPING;
  e.error.ee_info = SCM_TSTAMP_SND;
  e.error.ee_data = departed.number;
  control.add(IPPROTO_IP, IP_RECVERR, e);
  return size;
}

}  // namespace

ssize_t receive(UdpSocket& socket, msghdr& header, int flags) {
  header.msg_flags = 0;
  if ((flags & MSG_ERRQUEUE) != 0) return receive_departed(socket, header);
  if (socket.arrived.empty()) return -EAGAIN;
  const Arrived first = socket.arrived.front();
  if ((flags & MSG_PEEK) == 0) socket.arrived.pop_front();
  const ssize_t size = scatter(first.datagram.payload, header);
  name(first.datagram.from, header);
  ControlWriter control(header);
  constexpr unsigned receiving = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  if ((socket.stamping & receiving) == receiving) {
    scm_timestamping stamps{};
    stamps.ts[0] = first.stamp;
    control.add(SOL_SOCKET, SCM_TIMESTAMPING, stamps);
  }
  if (socket.stamp_ns) control.add(SOL_SOCKET, SCM_TIMESTAMPNS, first.stamp);
  if (socket.packet_info) control.add(IPPROTO_IP, IP_PKTINFO, packet_info());
  return size;
}

void note_option(UdpSocket& socket, int level, int name, int value) {
  if (level == IPPROTO_IP && name == IP_PKTINFO) socket.packet_info = value != 0;
  if (level != SOL_SOCKET) return;
  if (name == SO_TIMESTAMPNS) socket.stamp_ns = value != 0;
  if (name != SO_TIMESTAMPING) return;
  const auto flags = static_cast<unsigned>(value);
  if ((flags & ~socket.stamping & SOF_TIMESTAMPING_OPT_ID) != 0) socket.sent = 0;
  socket.stamping = flags;
}

unsigned stamping_asked(const msghdr& header) {
  msghdr readable = header;  // CMSG_NXTHDR wants it mutable
  unsigned flags = 0;
  for (auto* c = CMSG_FIRSTHDR(&readable); c != nullptr; c = CMSG_NXTHDR(&readable, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPING &&
        c->cmsg_len >= CMSG_LEN(sizeof flags))
      std::memcpy(&flags, CMSG_DATA(c), sizeof flags);
  return flags;
}

}  // namespace gnomon::interpose
