// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/exchange_socket.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>

#include "base/os/socket.hpp"
#include "config/network.hpp"

namespace gnomon::core {

namespace {

// Bound by us, and connected.
base::OsResult<base::Fd> connect_own(const base::Endpoint& to, const LocalPort& from, int dscp) {
  // Several sources share a fixed port: each socket is connected, so the kernel tells their answers apart.
  const base::SocketOptions options{
      .reuse_port = from.number.has_value(), .device = *from.device, .dscp = dscp};
  const base::Endpoint local{config::bind_address(*from.bind, to.address.family), from.number.value_or(0)};
  auto socket = base::bind_udp(local, options);
  if (!socket) return socket;
  const auto address = base::to_socket_address(to);
  if (::connect(socket->get(), address.get(), address.size) != 0)
    return std::unexpected(base::last_error("connect"));
  return socket;
}

}  // namespace

void ExchangeSocket::PutAway::operator()(Descriptor* descriptor) const {
  const std::unique_ptr<Descriptor> owned{descriptor};
  if (lender != nullptr && owned->is_open()) lender->take_back(base::Fd{owned->release()}, family);
}

base::OsResult<ExchangeSocket> ExchangeSocket::open(async::Loop& loop, const base::Endpoint& to,
                                                    const LocalPort& from, const ExchangeOptions& wanted) {
  auto& lender = *from.lender;
  const bool lent = lender.have(to.address.family);
  auto socket = lent ? lender.lend(to) : connect_own(to, from, wanted.dscp);
  if (!socket) return std::unexpected(socket.error());
  OwnedDescriptor descriptor{new Descriptor{loop.io()}, PutAway{lent ? &lender : nullptr, to.address.family}};
  boost::system::error_code refused;
  descriptor->assign(socket->get(), refused);  // NOLINT(bugprone-unused-return-value): the same as refused
  if (refused) {
    if (lent) lender.take_back(std::move(*socket), to.address.family);
    return std::unexpected(base::OsError{"epoll_ctl", refused.value()});
  }
  const int fd = socket->release();
  // Kernel timestamps make it exact; without them the daemon's own have to do.
  const auto hardware = wanted.nics && !wanted.nics()->empty() ? base::Hardware::yes : base::Hardware::no;
  const bool stamped =
      base::enable_timestamps(fd, base::TimestampKind::receive_and_transmit, hardware).has_value();
  // Through which card it went and came.
  if (hardware == base::Hardware::yes) static_cast<void>(base::enable_packet_info(fd));
  const auto local = base::local_endpoint(fd);
  if (!local) return std::unexpected(local.error());
  ExchangeSocket opened{loop.clock(), std::move(descriptor), *local, stamped,
                        hardware == base::Hardware::yes ? wanted.nics : NicTables{}};
  opened.ptp_domain_ = wanted.ptp_domain;
  return opened;
}

base::OsResult<void> ExchangeSocket::send(base::Bytes request) {
  take_tx_timestamps();
  sent_ = {.time = clock_->now().real, .source = engine::StampSource::daemon};
  awaits_kernel_ = awaits_card_ = false;
  if (!send_datagram(request)) return std::unexpected(base::last_error("send"));
  if (stamped_) awaited_ = packets_;
  awaits_kernel_ = stamped_;
  count_sent();
  take_tx_timestamps();  // most drivers have told it by now
  return {};
}

bool ExchangeSocket::send_datagram(base::Bytes datagram) {
  const int descriptor = descriptor_->native_handle();
  if (!ptp_domain_) return ::send(descriptor, datagram.data(), datagram.size(), MSG_NOSIGNAL) >= 0;
  const auto envelope = protocol::ptp_envelope(datagram, *ptp_domain_);
  base::Buffer message{envelope.begin(), envelope.end()};
  message.insert(message.end(), datagram.begin(), datagram.end());
  return ::send(descriptor, message.data(), message.size(), MSG_NOSIGNAL) >= 0;
}

void ExchangeSocket::answer(base::Bytes datagram) {
  if (send_datagram(datagram)) count_sent();  // else its client asks again
}

void ExchangeSocket::count_sent() {
  ++packets_;
  if (stamped_) ++unreported_;
}

void ExchangeSocket::take_tx_timestamps() {
  while (unreported_ > 0 || awaits_card_) {
    const auto reported = base::next_tx_timestamp(descriptor_->native_handle());
    if (!reported) return;
    if (reported->time && unreported_ > 0) --unreported_;
    if (awaited_ && reported->packet.value_or(*awaited_) == *awaited_) take(*reported);
  }
}

// The kernel's comes first, or together with the card's; a card that the kernel's names will say more.
void ExchangeSocket::take(const base::TxTimestamp& reported) {
  if (reported.time && awaits_kernel_) {
    sent_ = {.time = *reported.time, .source = engine::StampSource::kernel};
    awaits_kernel_ = false;
    awaits_card_ = nics_ && (reported.interface == 0 || nics_()->has(reported.interface));
  }
  if (!reported.hardware || !nics_) return;
  awaits_card_ = false;
  if (const auto time = nics_()->departure(reported.interface, *reported.hardware, sent_.time))
    sent_ = {.time = *time, .source = engine::StampSource::hardware};
}

engine::Stamp ExchangeSocket::stamp_of(const base::Arrival& arrival, std::size_t size, base::RealTime now) {
  const auto around = arrival.time.value_or(now);
  if (arrival.hardware && nics_) {
    const auto card = arrival.card != 0 ? arrival.card : arrival.interface;
    const engine::ArrivedPacket packet{.payload = size,
                                       .ipv6 = local_.address.family == base::AddressFamily::ipv6,
                                       .layer2_length = arrival.layer2_length};
    const auto nics = nics_();
    if (const auto time = nics->arrival(card, *arrival.hardware, packet, around))
      return {
          .time = *time, .source = engine::StampSource::hardware, .on_wire = nics->duration(card, packet)};
  }
  return {.time = around, .source = arrival.time ? engine::StampSource::kernel : engine::StampSource::daemon};
}

std::optional<engine::Received> ExchangeSocket::receive() {
  base::SocketAddress from;
  base::ControlBuffer control;
  // An error that waits in the socket (an ICMP message, easily forged) is taken out and passed over.
  for (int tries = 0; tries < 4; ++tries) {
    iovec vector{buffer_.data(), buffer_.size()};
    msghdr header{};
    header.msg_name = from.get();
    header.msg_namelen = sizeof from.storage;
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_control = control.octets.data();
    header.msg_controllen = control.octets.size();
    const auto size = recvmsg(descriptor_->native_handle(), &header, MSG_DONTWAIT);
    const bool nothing = size < 0 && errno == EAGAIN;
    const auto now = clock_->now().real;
    take_tx_timestamps();
    if (nothing) return std::nullopt;
    if (size < 0 || (header.msg_flags & MSG_TRUNC) != 0) continue;
    auto datagram = base::Bytes{buffer_}.first(static_cast<std::size_t>(size));
    auto received = stamp_of(base::read_arrival(header), datagram.size(), now);
    if (ptp_domain_) {
      const auto opened = protocol::open_ptp_envelope(datagram, *ptp_domain_);
      if (!opened) continue;
      datagram = opened->ntp;
      if (received.on_wire > base::Seconds{0}) received.held = opened->correction;
    }
    from.size = header.msg_namelen;
    return engine::Received{.datagram = datagram,
                            .from = base::to_endpoint(from),
                            .local = local_.address,
                            .sent = sent_,
                            .received = received};
  }
  return std::nullopt;
}

}  // namespace gnomon::core
