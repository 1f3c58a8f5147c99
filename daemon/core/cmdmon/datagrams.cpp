// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/cmdmon/datagrams.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/os/fd.hpp"

namespace gnomon::core::cmdmon {

namespace {

// What came with the octets: who sent them, and descriptors that nobody has asked for.
std::optional<uid_t> read_ancillary(msghdr& header) {
  std::optional<uid_t> user;
  for (auto* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET) continue;
    if (part->cmsg_type == SCM_CREDENTIALS) {
      ucred sender{};
      std::memcpy(&sender, CMSG_DATA(part), sizeof sender);
      user = sender.uid;
    } else if (part->cmsg_type == SCM_RIGHTS) {
      for (std::size_t at = CMSG_LEN(0); at + sizeof(int) <= part->cmsg_len; at += sizeof(int)) {
        int descriptor = -1;
        std::memcpy(&descriptor, CMSG_DATA(part) + (at - CMSG_LEN(0)), sizeof descriptor);  // NOLINT
        const base::Fd closed{descriptor};
      }
    }
  }
  return user;
}

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
  user_ = read_ancillary(header);
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
