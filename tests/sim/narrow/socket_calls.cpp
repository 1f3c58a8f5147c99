// SPDX-License-Identifier: GPL-2.0-or-later
// Sockets, and the one call that waits for them.
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <map>

#include "tests/sim/narrow/narrow.hpp"

using namespace gnomon::narrow;

namespace {

// A simulated socket's number is its real one's and this: unknown to every call that is not replaced.
constexpr int base = 500;

struct Socket {
  bool stream = false;
  bool listening = false;
  bool connected = false;
  bool stamps = false;        // of what is sent
  bool stamp_waits = false;   // of what was sent last
  std::uint32_t stamped = 0;  // so many were sent with one
};

std::map<int, Socket>& sockets() {
  static std::map<int, Socket> all;
  return all;
}
int told = -1;  // named by select() and not read since

int failed(int error) {
  errno = error;
  return -1;
}

Socket* find(int descriptor) {
  const auto at = sockets().find(descriptor);
  return at == sockets().end() ? nullptr : &at->second;
}

Socket& need(int descriptor, const char* call) {
  Socket* const socket = find(descriptor);
  if (socket == nullptr) refuse(call, "the descriptor is no simulated socket");
  return *socket;
}

void begin_reading(int descriptor, const char* call) {
  static_cast<void>(need(descriptor, call));
  if (told >= 0 && told != descriptor) refuse(call, "takes what has come to another socket");
  told = -1;
}

int adopt(int real, const Socket& socket) {
  if (real < 0) return real;
  NARROW_REAL(fcntl);
  real_fcntl(real, F_SETFL, O_NONBLOCK);
  sockets()[real + base] = socket;
  return real + base;
}

// The number says nothing of which packet it was: always the same one of those whose stamps are wished one by
// one, and beginning at one where the socket wishes all.
std::uint32_t number_of(const Socket& socket) {
  return socket.stamps ? socket.stamped : 0;
}

// The time and that number, in front of the frame.
ssize_t read_stamp(Socket& socket, msghdr& message) {
  if (!socket.stamp_waits) refuse("recvmsg(MSG_ERRQUEUE)", "there is none: it would take what has come");
  socket.stamp_waits = false;
  timespec times[3]{};
  clock_gettime(CLOCK_REALTIME, times);
  if (message.msg_controllen < CMSG_SPACE(sizeof times)) refuse("recvmsg", "no room for the timestamp");
  auto* control = CMSG_FIRSTHDR(&message);
  *control = {.cmsg_len = CMSG_LEN(sizeof times), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_TIMESTAMPING};
  std::memcpy(CMSG_DATA(control), times, sizeof times);
  const sock_extended_err error{.ee_errno = ENOMSG,
                                .ee_origin = SO_EE_ORIGIN_TIMESTAMPING,
                                .ee_type = 0,
                                .ee_code = 0,
                                .ee_pad = 0,
                                .ee_info = SCM_TSTAMP_SND,
                                .ee_data = number_of(socket)};
  control = CMSG_NXTHDR(&message, control);
  if (control == nullptr) refuse("recvmsg", "no room for the number");
  *control = {.cmsg_len = CMSG_LEN(sizeof error), .cmsg_level = SOL_IP, .cmsg_type = IP_RECVERR};
  std::memcpy(CMSG_DATA(control), &error, sizeof error);
  message.msg_controllen = CMSG_SPACE(sizeof times) + CMSG_SPACE(sizeof error);
  message.msg_flags = MSG_ERRQUEUE;
  return static_cast<ssize_t>(message.msg_iov[0].iov_len);
}

bool wishes_stamp(const msghdr& message) {
  msghdr readable = message;
  for (auto* c = CMSG_FIRSTHDR(&readable); c != nullptr; c = CMSG_NXTHDR(&readable, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPING) return true;
  return false;
}

// When it came is when it is read, by our clock.
void stamp_arrival(msghdr& message) {
  for (auto* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_TIMESTAMPING) continue;
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    std::memcpy(CMSG_DATA(control), &now, sizeof now);
  }
}

// The lowest descriptor below `end` in a set; -1: none.
int first_of(const fd_set& set, int end) {
  for (int i = 0; i < end; ++i)
    if (FD_ISSET(i, &set)) return i;
  return -1;
}

int name_alone(fd_set* in, fd_set* other, int descriptor) {
  FD_ZERO(in);
  if (other != nullptr) FD_ZERO(other);
  FD_SET(descriptor, in);
  return 1;
}

}  // namespace

NARROW_CALL int socket(int family, int type, int protocol) noexcept {
  NARROW_REAL(socket);
  if (family != AF_INET || (type != SOCK_DGRAM && type != SOCK_STREAM)) return failed(EINVAL);
  return adopt(real_socket(family, type, protocol), {.stream = type == SOCK_STREAM});
}

NARROW_CALL int bind(int descriptor, const sockaddr* address, socklen_t size) noexcept {
  NARROW_REAL(bind);
  return find(descriptor) == nullptr ? failed(EINVAL) : real_bind(descriptor - base, address, size);
}

NARROW_CALL int listen(int descriptor, int backlog) noexcept {
  NARROW_REAL(listen);
  need(descriptor, "listen").listening = true;
  return real_listen(descriptor - base, backlog);
}

NARROW_CALL int connect(int descriptor, const sockaddr* address, socklen_t size) {
  NARROW_REAL(connect);
  const Socket* const socket = find(descriptor);
  if (socket == nullptr) return failed(EINVAL);
  const int done = real_connect(descriptor - base, address, size);
  return socket->stream && errno == EINPROGRESS ? 0 : done;
}

NARROW_CALL int accept(int descriptor, sockaddr* address, socklen_t* size) {
  NARROW_REAL(accept);
  if (address == nullptr || size == nullptr) refuse("accept", "wants room for the address");
  begin_reading(descriptor, "accept");
  return adopt(real_accept(descriptor - base, address, size), {.stream = true, .connected = true});
}

NARROW_CALL int shutdown(int descriptor, int how) noexcept {
  NARROW_REAL(shutdown);
  static_cast<void>(need(descriptor, "shutdown"));
  return real_shutdown(descriptor - base, how);
}

NARROW_CALL int close(int descriptor) {
  NARROW_REAL(close);
  if (descriptor == timer) timer = -1;
  if (find(descriptor) == nullptr) return real_close(descriptor);
  sockets().erase(descriptor);
  if (told == descriptor) told = -1;
  return real_close(descriptor - base);
}

NARROW_CALL int getsockname(int descriptor, sockaddr* address, socklen_t* size) noexcept {
  NARROW_REAL(getsockname);
  return find(descriptor) == nullptr ? failed(EINVAL) : real_getsockname(descriptor - base, address, size);
}

NARROW_CALL int setsockopt(int descriptor, int level, int name, const void* value, socklen_t size) noexcept {
  NARROW_REAL(setsockopt);
  Socket* const socket = find(descriptor);
  if (socket == nullptr) return failed(EINVAL);
  if (level != SOL_SOCKET || name != SO_TIMESTAMPING)
    return real_setsockopt(descriptor - base, level, name, value, size);
  unsigned flags = 0;
  std::memcpy(&flags, value, sizeof flags);
  socket->stamps = (flags & SOF_TIMESTAMPING_TX_SOFTWARE) != 0;
  flags &= unsigned{SOF_TIMESTAMPING_SOFTWARE} | SOF_TIMESTAMPING_RX_SOFTWARE;
  return real_setsockopt(descriptor - base, level, name, &flags, sizeof flags);
}

NARROW_CALL int getsockopt(int descriptor, int level, int name, void* value, socklen_t* size) noexcept {
  NARROW_REAL(getsockopt);
  if (find(descriptor) == nullptr || level != SOL_SOCKET || name != SO_ERROR) return failed(EINVAL);
  return real_getsockopt(descriptor - base, level, name, value, size);
}

NARROW_CALL int fcntl(int descriptor, int command, ...) {
  NARROW_REAL(fcntl);
  __builtin_va_list arguments;
  __builtin_va_start(arguments, command);
  const int value = __builtin_va_arg(arguments, int);
  __builtin_va_end(arguments);
  return find(descriptor) == nullptr ? real_fcntl(descriptor, command, value) : 0;
}

NARROW_CALL int ioctl(int, unsigned long, ...) noexcept {
  return failed(EINVAL);
}

NARROW_CALL ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
  NARROW_REAL(sendmsg);
  Socket& socket = need(descriptor, "sendmsg");
  const bool wished = wishes_stamp(*message);
  socket.stamp_waits = socket.stamps || wished;
  if (socket.stamps) ++socket.stamped;
  msghdr plain = *message;
  if (wished) plain.msg_controllen = 0;  // the wish is ours to grant
  return real_sendmsg(descriptor - base, &plain, flags);
}

NARROW_CALL ssize_t send(int descriptor, const void* from, size_t size, int flags) {
  iovec part{const_cast<void*>(from), size};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  return sendmsg(descriptor, &message, flags);
}

NARROW_CALL ssize_t recvmsg(int descriptor, msghdr* message, int flags) {
  NARROW_REAL(recvmsg);
  Socket& socket = need(descriptor, "recvmsg");
  if ((flags & MSG_ERRQUEUE) != 0) return read_stamp(socket, *message);
  begin_reading(descriptor, "recvmsg");
  const auto size = real_recvmsg(descriptor - base, message, flags);
  if (size >= 0) stamp_arrival(*message);
  return size;
}

NARROW_CALL ssize_t recv(int descriptor, void* into, size_t size, int flags) {
  NARROW_REAL(recv);
  begin_reading(descriptor, "recv");
  return real_recv(descriptor - base, into, size, flags);
}

NARROW_CALL int recvmmsg(int descriptor, mmsghdr* messages, unsigned, int flags, timespec*) {
  const auto size = recvmsg(descriptor, &messages->msg_hdr, flags);
  if (size < 0) return -1;
  messages->msg_len = static_cast<unsigned>(size);
  return 1;
}

NARROW_CALL int select(int end, fd_set* reads, fd_set* writes, fd_set* exceptions, timeval* timeout) {
  NARROW_REAL(select);
  if (exceptions != nullptr || reads == nullptr || writes == nullptr)
    refuse("select", "reads and writes only");
  fd_set readable{};
  fd_set connecting{};
  for (int i = 0; i < end; ++i) {
    if (!FD_ISSET(i, reads) && !FD_ISSET(i, writes)) continue;
    if (i == timer) {
      FD_SET(i, &readable);
      continue;
    }
    const Socket& socket = need(i, "select");
    const bool unfinished = socket.stream && !socket.listening && !socket.connected;
    if (FD_ISSET(i, writes) && !unfinished) return name_alone(writes, reads, i);
    FD_SET(i - base, unfinished ? &connecting : &readable);
  }
  const int count = real_select(end, &readable, &connecting, nullptr, timeout);
  if (count < 0) return count;
  if (const int done = first_of(connecting, end); done >= 0) {
    // Noticed only by who asks again.
    sockets().at(done + base).connected = true;
    return failed(EINTR);
  }
  if (const int named = first_of(readable, end); named >= 0) {
    if (named == timer) return name_alone(reads, writes, timer);
    told = named + base;
    return name_alone(reads, writes, told);
  }
  FD_ZERO(reads);
  FD_ZERO(writes);
  return 0;
}
