// SPDX-License-Identifier: GPL-2.0-or-later
// The calls that make, use and close UDP sockets. IPv4 only: of IPv6 the modelled machine has none. All other
// descriptors are the kernel's.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "tests/sim/interpose/machine.hpp"
#include "tests/sim/interpose/real.hpp"

using gnomon::interpose::Machine;
using gnomon::interpose::returned;
using gnomon::interpose::UdpSocket;

namespace {

void put_address(std::uint32_t address, std::uint16_t port, sockaddr* to, socklen_t* size) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  in.sin_addr.s_addr = htonl(address);
  std::memcpy(to, &in, std::min<std::size_t>(*size, sizeof in));
  *size = sizeof in;
}

ssize_t receive_waiting(int descriptor, msghdr* message, int flags) {
  GNOMON_REAL(fcntl);
  Machine& machine = Machine::instance();
  const bool at_once = (flags & (MSG_DONTWAIT | MSG_ERRQUEUE)) != 0 ||
                       (static_cast<unsigned>(real_fcntl(descriptor, F_GETFL)) & unsigned{O_NONBLOCK}) != 0;
  if (!at_once)
    machine.wait(-1, [&] { return machine.socket(descriptor)->arrived.empty() ? 0 : 1; }, [] { ::abort(); });
  return returned(gnomon::interpose::receive(*machine.socket(descriptor), *message, flags));
}

msghdr message_of(iovec& part, sockaddr* address, socklen_t size) {
  msghdr message{};
  message.msg_name = address;
  message.msg_namelen = size;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  return message;
}

}  // namespace

GNOMON_INTERPOSED int socket(int family, int type, int protocol) {
  GNOMON_REAL(socket);
  const bool udp = (type & 0xf) == SOCK_DGRAM;
  if (udp && family == AF_INET6) return returned(-EAFNOSUPPORT);
  const int descriptor = real_socket(family, type, protocol);
  if (descriptor >= 0 && udp && family == AF_INET) Machine::instance().open(descriptor);
  return descriptor;
}

GNOMON_INTERPOSED int close(int descriptor) {
  GNOMON_REAL(close);
  Machine::instance().close(descriptor);
  return real_close(descriptor);
}

GNOMON_INTERPOSED int bind(int descriptor, const sockaddr* address, socklen_t size) {
  GNOMON_REAL(bind);
  UdpSocket* const socket = Machine::instance().socket(descriptor);
  if (socket == nullptr) return real_bind(descriptor, address, size);
  sockaddr_in in{};
  std::memcpy(&in, address, std::min<std::size_t>(size, sizeof in));
  Machine::instance().bind(*socket, ntohs(in.sin_port));
  return 0;
}

GNOMON_INTERPOSED int connect(int descriptor, const sockaddr* address, socklen_t size) {
  GNOMON_REAL(connect);
  UdpSocket* const socket = Machine::instance().socket(descriptor);
  if (socket == nullptr) return real_connect(descriptor, address, size);
  sockaddr_in in{};
  std::memcpy(&in, address, std::min<std::size_t>(size, sizeof in));
  if (socket->port == 0) Machine::instance().bind(*socket, 0);
  socket->peer.reset();
  if (in.sin_family == AF_INET) socket->peer = in;
  return 0;
}

GNOMON_INTERPOSED int getsockname(int descriptor, sockaddr* address, socklen_t* size) {
  GNOMON_REAL(getsockname);
  const UdpSocket* const socket = Machine::instance().socket(descriptor);
  if (socket == nullptr) return real_getsockname(descriptor, address, size);
  put_address(socket->peer ? gnomon::interpose::local_address : INADDR_ANY, socket->port, address, size);
  return 0;
}

GNOMON_INTERPOSED int getpeername(int descriptor, sockaddr* address, socklen_t* size) {
  GNOMON_REAL(getpeername);
  const UdpSocket* const socket = Machine::instance().socket(descriptor);
  if (socket == nullptr) return real_getpeername(descriptor, address, size);
  if (!socket->peer) return returned(-ENOTCONN);
  put_address(ntohl(socket->peer->sin_addr.s_addr), ntohs(socket->peer->sin_port), address, size);
  return 0;
}

GNOMON_INTERPOSED int setsockopt(int descriptor, int level, int name, const void* value, socklen_t size) {
  GNOMON_REAL(setsockopt);
  UdpSocket* const socket = Machine::instance().socket(descriptor);
  int number = 0;
  if (socket != nullptr && size == sizeof number) {
    std::memcpy(&number, value, sizeof number);
    gnomon::interpose::note_option(*socket, level, name, number);
  }
  return real_setsockopt(descriptor, level, name, value, size);
}

GNOMON_INTERPOSED ssize_t recvmsg(int descriptor, msghdr* message, int flags) {
  GNOMON_REAL(recvmsg);
  if (Machine::instance().socket(descriptor) == nullptr) return real_recvmsg(descriptor, message, flags);
  return receive_waiting(descriptor, message, flags);
}

GNOMON_INTERPOSED int recvmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags,
                               timespec* timeout) {
  GNOMON_REAL(recvmmsg);
  if (Machine::instance().socket(descriptor) == nullptr)
    return real_recvmmsg(descriptor, messages, count, flags, timeout);
  unsigned done = 0;
  for (; done < count; ++done) {
    const ssize_t size =
        receive_waiting(descriptor, &messages[done].msg_hdr, done == 0 ? flags : flags | MSG_DONTWAIT);
    if (size < 0) break;
    messages[done].msg_len = static_cast<unsigned>(size);
  }
  return done > 0 ? static_cast<int>(done) : -1;
}

GNOMON_INTERPOSED ssize_t recvfrom(int descriptor, void* buffer, size_t size, int flags, sockaddr* from,
                                   socklen_t* from_size) {
  GNOMON_REAL(recvfrom);
  if (Machine::instance().socket(descriptor) == nullptr)
    return real_recvfrom(descriptor, buffer, size, flags, from, from_size);
  iovec part{buffer, size};
  msghdr message = message_of(part, from, from_size == nullptr ? 0 : *from_size);
  const ssize_t received = receive_waiting(descriptor, &message, flags);
  if (received >= 0 && from_size != nullptr) *from_size = message.msg_namelen;
  return received;
}

GNOMON_INTERPOSED ssize_t recv(int descriptor, void* buffer, size_t size, int flags) {
  GNOMON_REAL(recv);
  if (Machine::instance().socket(descriptor) == nullptr) return real_recv(descriptor, buffer, size, flags);
  return recvfrom(descriptor, buffer, size, flags, nullptr, nullptr);
}

GNOMON_INTERPOSED ssize_t read(int descriptor, void* buffer, size_t size) {
  GNOMON_REAL(read);
  gnomon::interpose::Timer* const timer = Machine::instance().timer(descriptor);
  if (timer == nullptr) return real_read(descriptor, buffer, size);
  if (size < sizeof timer->expired) return returned(ssize_t{-EINVAL});
  if (timer->expired == 0) return returned(ssize_t{-EAGAIN});
  std::memcpy(buffer, &timer->expired, sizeof timer->expired);
  timer->expired = 0;
  return sizeof timer->expired;
}

// Where a program was compiled with _FORTIFY_SOURCE.
// NOLINTBEGIN(bugprone-reserved-identifier): glibc names them so
GNOMON_INTERPOSED ssize_t __recv_chk(int descriptor, void* buffer, size_t size, size_t, int flags) {
  return recv(descriptor, buffer, size, flags);
}

GNOMON_INTERPOSED ssize_t __recvfrom_chk(int descriptor, void* buffer, size_t size, size_t, int flags,
                                         sockaddr* from, socklen_t* from_size) {
  return recvfrom(descriptor, buffer, size, flags, from, from_size);
}

GNOMON_INTERPOSED ssize_t __read_chk(int descriptor, void* buffer, size_t size, size_t) {
  return read(descriptor, buffer, size);
}
// NOLINTEND(bugprone-reserved-identifier)

GNOMON_INTERPOSED ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
  GNOMON_REAL(sendmsg);
  if (Machine::instance().socket(descriptor) == nullptr) return real_sendmsg(descriptor, message, flags);
  return returned(Machine::instance().send(descriptor, *message));
}

GNOMON_INTERPOSED int sendmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags) {
  GNOMON_REAL(sendmmsg);
  if (Machine::instance().socket(descriptor) == nullptr)
    return real_sendmmsg(descriptor, messages, count, flags);
  for (unsigned i = 0; i < count; ++i)
    messages[i].msg_len = static_cast<unsigned>(Machine::instance().send(descriptor, messages[i].msg_hdr));
  return static_cast<int>(count);
}

GNOMON_INTERPOSED ssize_t sendto(int descriptor, const void* buffer, size_t size, int flags,
                                 const sockaddr* to, socklen_t to_size) {
  GNOMON_REAL(sendto);
  if (Machine::instance().socket(descriptor) == nullptr)
    return real_sendto(descriptor, buffer, size, flags, to, to_size);
  iovec part{const_cast<void*>(buffer), size};
  return sendmsg(descriptor,
                 &static_cast<const msghdr&>(message_of(part, const_cast<sockaddr*>(to), to_size)), flags);
}

GNOMON_INTERPOSED ssize_t send(int descriptor, const void* buffer, size_t size, int flags) {
  GNOMON_REAL(send);
  if (Machine::instance().socket(descriptor) == nullptr) return real_send(descriptor, buffer, size, flags);
  return sendto(descriptor, buffer, size, flags, nullptr, 0);
}
