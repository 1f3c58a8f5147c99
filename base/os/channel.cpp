// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/channel.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>

#include "base/secret.hpp"

namespace gnomon::base {

namespace {

// Room for exactly one descriptor, aligned as the kernel's headers want it.
struct alignas(cmsghdr) ControlSpace {
  std::array<char, CMSG_SPACE(sizeof(int))> octets{};
};

msghdr make_header(iovec& payload) {
  msghdr header{};
  header.msg_iov = &payload;
  header.msg_iovlen = 1;
  return header;
}

// CMSG_SPACE pads: with 8-octet alignment two descriptors fit where one was asked for.
Fd take_descriptor(msghdr& header, bool& more_than_one) {
  Fd taken;
  for (auto* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
      Fd next{fd};
      more_than_one = more_than_one || taken;
      taken = std::move(next);
    }
  }
  return taken;
}

}  // namespace

OsResult<ChannelPair> make_channel() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return std::unexpected(last_error("socketpair"));
  return ChannelPair{Fd{ends[0]}, Fd{ends[1]}};
}

OsResult<Datagram> receive_datagram(int socket, MutableBytes into) {
  ControlSpace control;
  iovec payload{into.data(), into.size()};
  auto header = make_header(payload);
  header.msg_control = control.octets.data();
  header.msg_controllen = control.octets.size();
  ssize_t size = -1;
  do {
    size = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size < 0) return std::unexpected(last_error("recvmsg"));
  bool more_than_one = (header.msg_flags & MSG_CTRUNC) != 0;
  Fd descriptor = take_descriptor(header, more_than_one);
  const bool truncated = (header.msg_flags & MSG_TRUNC) != 0;
  if (more_than_one || truncated) {
    wipe(into);  // the caller does not know that anything was written there
    return std::unexpected(OsError{"recvmsg", more_than_one ? EBADMSG : EMSGSIZE});
  }
  return Datagram{static_cast<std::size_t>(size), std::move(descriptor)};
}

namespace {

OsResult<void> send(int socket, Bytes datagram, int descriptor, int flags) {
  ControlSpace control;
  iovec payload{const_cast<std::uint8_t*>(datagram.data()), datagram.size()};  // NOLINT: iovec is not const
  auto header = make_header(payload);
  if (descriptor >= 0) {
    header.msg_control = control.octets.data();
    header.msg_controllen = control.octets.size();
    auto* const c = CMSG_FIRSTHDR(&header);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(c), &descriptor, sizeof(int));
  }
  ssize_t sent = -1;
  do {
    sent = sendmsg(socket, &header, MSG_NOSIGNAL | flags);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return std::unexpected(last_error("sendmsg"));
  if (static_cast<std::size_t>(sent) != datagram.size()) return std::unexpected(OsError{"sendmsg", EMSGSIZE});
  return {};
}

}  // namespace

OsResult<void> send_datagram(int socket, Bytes datagram, int descriptor) {
  return send(socket, datagram, descriptor, 0);
}

OsResult<void> send_datagram_at_once(int socket, Bytes datagram) {
  return send(socket, datagram, -1, MSG_DONTWAIT);
}

}  // namespace gnomon::base
