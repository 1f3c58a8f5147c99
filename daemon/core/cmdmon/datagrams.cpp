// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/cmdmon/datagrams.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

namespace gnomon::core::cmdmon {

namespace {

// A Unix socket that is bound to no path cannot be answered: an abstract name belongs to nobody.
bool has_way_back(const base::SocketAddress& sender) {
  if (sender.storage.ss_family != AF_UNIX) return true;
  sockaddr_un address{};
  std::memcpy(&address, &sender.storage, sizeof address);
  return sender.size > offsetof(sockaddr_un, sun_path) && address.sun_path[0] == '/';
}

}  // namespace

bool Datagram::receive(int socket) {
  iovec vector{octets_.data(), octets_.size()};
  msghdr header{};
  header.msg_name = sender_.get();
  header.msg_namelen = sizeof sender_.storage;
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_control = control_.octets.data();
  header.msg_controllen = control_.octets.size();
  const auto received = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (received < 0) return false;
  sender_.size = header.msg_namelen;
  const bool whole = (header.msg_flags & MSG_TRUNC) == 0;
  size_ = whole ? static_cast<std::size_t>(received) : 0;
  arrival_ = base::read_arrival(header);
  return true;
}

void Datagram::reply(int socket, base::Bytes octets) {
  if (octets.empty() || !has_way_back(sender_)) return;
  iovec vector{const_cast<std::uint8_t*>(octets.data()), octets.size()};  // NOLINT: sendmsg only reads
  msghdr header{};
  header.msg_name = sender_.get();
  header.msg_namelen = sender_.size;
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  if (!from_unix())
    base::answer_from(header, control_, arrival_.local, arrival_.interface, base::address_family(socket));
  // Whoever does not read, or is gone, asks again.
  static_cast<void>(sendmsg(socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL));
}

}  // namespace gnomon::core::cmdmon
