// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/exchange_socket.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>

#include "base/os/socket.hpp"
#include "config/bind_address.hpp"

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
                                                    const LocalPort& from, int dscp) {
  auto& lender = *from.lender;
  const bool lent = lender.have(to.address.family);
  auto socket = lent ? lender.lend(to) : connect_own(to, from, dscp);
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
  const bool stamped = base::enable_timestamps(fd, base::TimestampKind::receive_and_transmit).has_value();
  const auto local = base::local_endpoint(fd);
  if (!local) return std::unexpected(local.error());
  return ExchangeSocket{loop.clock(), std::move(descriptor), *local, stamped};
}

base::OsResult<void> ExchangeSocket::send(base::Bytes request) {
  take_tx_timestamp();
  sent_ = {.time = clock_->now().real, .source = engine::StampSource::daemon};
  awaited_.reset();
  const auto size = ::send(descriptor_->native_handle(), request.data(), request.size(), MSG_NOSIGNAL);
  if (size < 0) return std::unexpected(base::last_error("send"));
  if (stamped_) awaited_ = packets_;
  ++packets_;
  take_tx_timestamp();  // most drivers have told it by now
  return {};
}

void ExchangeSocket::answer(base::Bytes datagram) {
  const auto size = ::send(descriptor_->native_handle(), datagram.data(), datagram.size(), MSG_NOSIGNAL);
  if (size >= 0) ++packets_;  // else its client asks again
}

void ExchangeSocket::take_tx_timestamp() {
  if (!stamped_) return;
  while (const auto tx_timestamp = base::next_tx_timestamp(descriptor_->native_handle())) {
    if (!awaited_ || tx_timestamp->packet.value_or(*awaited_) != *awaited_) continue;
    sent_ = {.time = tx_timestamp->time, .source = engine::StampSource::kernel};
    awaited_.reset();
  }
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
    take_tx_timestamp();
    if (nothing) return std::nullopt;
    if (size < 0 || (header.msg_flags & MSG_TRUNC) != 0) continue;
    from.size = header.msg_namelen;
    const auto arrival = base::read_arrival(header);
    const engine::Stamp daemon{.time = now, .source = engine::StampSource::daemon};
    const engine::Stamp kernel{.time = arrival.time.value_or(now), .source = engine::StampSource::kernel};
    return engine::Received{.datagram = base::Bytes{buffer_}.first(static_cast<std::size_t>(size)),
                            .from = base::to_endpoint(from),
                            .local = local_.address,
                            .sent = sent_,
                            .received = arrival.time ? kernel : daemon};
  }
  return std::nullopt;
}

}  // namespace gnomon::core
