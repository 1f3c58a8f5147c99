// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/timestamps.hpp"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

#include "base/os/socket.hpp"

namespace gnomon::base {

namespace {

template <class T>
std::optional<T> content(const cmsghdr& c) {
  T value{};
  if (c.cmsg_len < CMSG_LEN(sizeof(T))) return std::nullopt;
  std::memcpy(&value, CMSG_DATA(&c), sizeof(T));
  return value;
}

bool is(const cmsghdr& c, int level, int type) {
  return c.cmsg_level == level && c.cmsg_type == type;
}

std::optional<Duration> time_in(const cmsghdr& c, std::size_t index) {
  const auto stamps = content<scm_timestamping>(c);
  if (!stamps) return std::nullopt;
  const auto& stamp = stamps->ts[index];
  constexpr std::int64_t latest = 9'000'000'000;  // s; beyond that is a card out of its mind
  if (stamp.tv_sec == 0 && stamp.tv_nsec == 0) return std::nullopt;
  if (stamp.tv_sec < 0 || stamp.tv_sec > latest) return std::nullopt;
  return std::chrono::seconds{stamp.tv_sec} + Duration{stamp.tv_nsec};
}

std::optional<RealTime> software_time(const cmsghdr& c) {
  const auto time = time_in(c, 0);
  return time ? std::optional{RealTime{*time}} : std::nullopt;
}

std::optional<Duration> hardware_time(const cmsghdr& c) {
  return time_in(c, 2);
}

// A mapped packet on an IPv6 socket carries both kinds; both say the same.
void read_local(const cmsghdr& c, Arrival& arrival) {
  if (is(c, IPPROTO_IP, IP_PKTINFO)) {
    const auto info = content<in_pktinfo>(c);
    if (!info) return;
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &info->ipi_addr, octets.size());
    arrival.local = from_octets(octets);
    arrival.interface = static_cast<std::uint32_t>(info->ipi_ifindex);
  } else if (is(c, IPPROTO_IPV6, IPV6_PKTINFO)) {
    const auto info = content<in6_pktinfo>(c);
    if (!info) return;
    const bool link_local = IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr);
    arrival.interface = info->ipi6_ifindex;
    arrival.local = from_octets(Bytes{&info->ipi6_addr.s6_addr[0], 16}, link_local ? arrival.interface : 0);
  }
}

// 0: the card is not told where the packet came through a tunnel.
void read_card(const cmsghdr& c, Arrival& arrival) {
  const auto info = content<scm_ts_pktinfo>(c);
  if (!info) return;
  arrival.card = info->if_index;
  arrival.layer2_length = info->pkt_length;
}

unsigned tx_flags(Hardware hardware) {
  const unsigned software = SOF_TIMESTAMPING_TX_SOFTWARE;
  return hardware == Hardware::yes ? software | SOF_TIMESTAMPING_TX_HARDWARE : software;
}

// Without what would align a further message: 36 octets, which is one of IPv6, the kernel copies to its
// stack; for more it allocates memory.
template <class T>
void write_control(msghdr& header, ControlBuffer& control, int level, int type, const T& value) {
  header.msg_control = control.octets.data();
  header.msg_controllen = CMSG_LEN(sizeof(T));
  auto* const c = CMSG_FIRSTHDR(&header);
  c->cmsg_level = level;
  c->cmsg_type = type;
  c->cmsg_len = CMSG_LEN(sizeof(T));
  std::memcpy(CMSG_DATA(c), &value, sizeof(T));
}

in6_addr to_in6(const IpAddress& address) {
  in6_addr in{};
  const MutableBytes octets{&in.s6_addr[0], sizeof in.s6_addr};
  if (address.family == AddressFamily::ipv4) {
    octets[10] = octets[11] = 0xff;
    std::ranges::copy(address.bytes(), octets.subspan(12).begin());
  } else {
    std::ranges::copy(address.octets, octets.begin());
  }
  return in;
}

std::optional<TxTimestamp> read_tx_timestamp(msghdr& header) {
  TxTimestamp found;
  Arrival left;
  for (auto* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    read_local(*c, left);
    if (is(*c, SOL_SOCKET, SCM_TIMESTAMPING)) {
      found.time = software_time(*c);
      found.hardware = hardware_time(*c);
    }
    if (!is(*c, IPPROTO_IP, IP_RECVERR) && !is(*c, IPPROTO_IPV6, IPV6_RECVERR)) continue;
    const auto error = content<sock_extended_err>(*c);
    if (!error || error->ee_errno != ENOMSG || error->ee_origin != SO_EE_ORIGIN_TIMESTAMPING)
      return std::nullopt;
    found.packet = error->ee_data;
  }
  if (!found.time && !found.hardware) return std::nullopt;
  found.interface = left.interface;
  return found;
}

OsResult<void> switch_on(int socket, int level, int option, const char* call) {
  const int on = 1;
  if (setsockopt(socket, level, option, &on, sizeof on) != 0) return std::unexpected(last_error(call));
  return {};
}

}  // namespace

OsResult<void> enable_timestamps(int socket, TimestampKind kind, Hardware hardware) {
  unsigned flags = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE;
  if (kind != TimestampKind::receive) flags |= SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_CMSG;
  // Where it matters by which card a packet left it must come back as well: of its timestamp alone the kernel
  // does not say that.
  if (kind != TimestampKind::receive && hardware == Hardware::no) flags |= SOF_TIMESTAMPING_OPT_TSONLY;
  if (kind == TimestampKind::receive_and_transmit) flags |= tx_flags(hardware);
  if (hardware == Hardware::yes)
    flags |= SOF_TIMESTAMPING_RAW_HARDWARE | SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_OPT_PKTINFO |
             SOF_TIMESTAMPING_OPT_TX_SWHW;
  if (setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) != 0)
    return std::unexpected(last_error("setsockopt(SO_TIMESTAMPING)"));
  return {};
}

OsResult<void> restart_tx_timestamps(int socket, Hardware hardware) {
  // The count begins where identifiers are switched on.
  if (auto off = enable_timestamps(socket, TimestampKind::receive, hardware); !off) return off;
  return enable_timestamps(socket, TimestampKind::receive_and_wished_transmit, hardware);
}

OsResult<void> enable_packet_info(int socket) {
  if (address_family(socket) == AF_INET6)
    return switch_on(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, "setsockopt(IPV6_RECVPKTINFO)");
  return switch_on(socket, IPPROTO_IP, IP_PKTINFO, "setsockopt(IP_PKTINFO)");
}

Arrival read_arrival(const msghdr& header) {
  Arrival arrival;
  msghdr readable = header;  // CMSG_NXTHDR wants it mutable
  for (auto* c = CMSG_FIRSTHDR(&readable); c != nullptr; c = CMSG_NXTHDR(&readable, c)) {
    if (is(*c, SOL_SOCKET, SCM_TIMESTAMPING)) {
      arrival.time = software_time(*c);
      arrival.hardware = hardware_time(*c);
    } else if (is(*c, SOL_SOCKET, SCM_TIMESTAMPING_PKTINFO)) {
      read_card(*c, arrival);
    } else {
      read_local(*c, arrival);
    }
  }
  return arrival;
}

void answer_from(msghdr& header, ControlBuffer& control, const IpAddress& local, std::uint32_t interface,
                 int socket_family) {
  header.msg_control = nullptr;
  header.msg_controllen = 0;
  if (!local.is_specified()) return;
  if (socket_family == AF_INET6) {
    in6_pktinfo info{};
    info.ipi6_addr = to_in6(local);
    info.ipi6_ifindex = local.family == AddressFamily::ipv6 && local.scope != 0 ? interface : 0;
    write_control(header, control, IPPROTO_IPV6, IPV6_PKTINFO, info);
  } else {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, local.octets.data(), 4);
    write_control(header, control, IPPROTO_IP, IP_PKTINFO, info);
  }
}

void request_tx_timestamp(msghdr& header, ControlBuffer& control, Hardware hardware) {
  const std::uint32_t wish = tx_flags(hardware);
  cmsghdr c{};
  c.cmsg_level = SOL_SOCKET;
  c.cmsg_type = SO_TIMESTAMPING;
  c.cmsg_len = CMSG_LEN(sizeof wish);
  const std::size_t before = CMSG_ALIGN(header.msg_controllen);
  const auto added = std::span(control.octets).subspan(before).first(CMSG_LEN(sizeof wish));
  std::memcpy(added.data(), &c, sizeof c);
  std::memcpy(&added[CMSG_LEN(0)], &wish, sizeof wish);
  header.msg_control = control.octets.data();
  header.msg_controllen = before + added.size();
}

std::optional<TxTimestamp> next_tx_timestamp(int socket) {
  while (true) {
    ControlBuffer control;
    std::array<std::uint8_t, 1> payload{};  // what comes back of the packet is of no interest
    iovec vector{payload.data(), payload.size()};
    msghdr header{};
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_control = control.octets.data();
    header.msg_controllen = control.octets.size();
    const auto size = recvmsg(socket, &header, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return std::nullopt;
    if (const auto tx_timestamp = read_tx_timestamp(header)) return tx_timestamp;
  }
}

}  // namespace gnomon::base
