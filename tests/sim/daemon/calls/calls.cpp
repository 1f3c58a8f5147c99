// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/daemon/calls/calls.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <map>
#include <set>
#include <string_view>

#include "base/os/socket.hpp"
#include "tests/sim/daemon/calls/channels.hpp"
#include "tests/sim/daemon/calls/poller.hpp"
#include "tests/sim/daemon/calls/stamp_numbers.hpp"

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's names
extern "C" {
int __real_accept(int descriptor, sockaddr* address, socklen_t* size);
int __real_clock_gettime(clockid_t clock, timespec* time);
int __real_close(int descriptor);
int __real_connect(int descriptor, const sockaddr* address, socklen_t size);
int __real_fcntl64(int descriptor, int command, ...);
int __real_getpeername(int descriptor, sockaddr* address, socklen_t* size);
int __real_ioctl(int descriptor, unsigned long request, ...);
ssize_t __real_read(int descriptor, void* into, size_t size);
int __real_open64(const char* path, int flags, ...);
ssize_t __real_recv(int descriptor, void* into, size_t size, int flags);
int __real_recvmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags, timespec* timeout);
ssize_t __real_recvmsg(int descriptor, msghdr* message, int flags);
ssize_t __real_send(int descriptor, const void* from, size_t size, int flags);
ssize_t __real_sendmsg(int descriptor, const msghdr* message, int flags);
int __real_socket(int family, int type, int protocol);
int __real_timerfd_create(clockid_t clock, int flags);
int __real_timerfd_settime(int descriptor, int flags, const itimerspec* time, itimerspec* before);
int __real_open64(const char* path, int flags, ...);
int plain_open(const char* path, int flags, ...) __asm__("open");    // likewise
int plain_fcntl(int descriptor, int command, ...) __asm__("fcntl");  // not the one for large files
}

namespace gnomon::sim {

namespace {

// The C library's interface has no place for an object, hence the one variable of this folder.
struct Calls {
  Channels channels;
  Poller poller{channels};
  StampNumbers stamp_numbers;
  std::set<int> streams;                     // TCP sockets
  std::map<int, base::SocketAddress> peers;  // of accepted connections
};

Calls& calls() {
  static Calls the_calls;
  return the_calls;
}

template <class T>
T result(T value) {
  if (value >= 0) return value;
  errno = static_cast<int>(-value);
  return -1;
}

// A number that nobody else gets.
int reserve_descriptor() {
  return open("/dev/null", O_RDWR | O_CLOEXEC);
}

std::span<const iovec> parts_of(const msghdr& message) {
  return {message.msg_iov, message.msg_iovlen};
}

ssize_t send_on_channel(int end, std::span<const iovec> parts) {
  auto& all = calls();
  const auto sent = all.channels.send(end, parts);
  if (sent >= 0) all.poller.may_read_again(all.channels.other_end(end));
  return result(sent);
}

ssize_t receive_on_channel(int end, msghdr& message) {
  message.msg_flags = 0;
  message.msg_controllen = 0;
  return result(calls().channels.receive(end, parts_of(message), message.msg_flags));
}

template <class T>
T after_reading(int descriptor, T value) {
  calls().poller.may_read_again(descriptor);
  return value;
}

template <class T>
T after_writing(int descriptor, T value) {
  if (value < 0 && errno == EAGAIN) calls().poller.may_write_again(descriptor);
  return value;
}

int make_non_blocking(int descriptor) {
  return plain_fcntl(descriptor, F_SETFL, plain_fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

}  // namespace

void on_interrupted_wait(std::function<void()> handler) {
  calls().poller.on_interrupt(std::move(handler));
}

void let_clocks_settle(bool asks_others) {
  timeval pause{.tv_sec = 0, .tv_usec = 200'000};
  fd_set to_read{};
  fd_set to_write{};
  if (asks_others) {
    select(0, &to_read, &to_write, nullptr, &pause);
    return;
  }
  const int timer = __real_timerfd_create(CLOCK_MONOTONIC, 0);
  if (timer < 0) return;
  constexpr itimerspec soon{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_nsec = 1'000'000}};
  FD_SET(timer, &to_read);
  if (__real_timerfd_settime(timer, 0, &soon, nullptr) == 0)
    select(timer + 1, &to_read, &to_write, nullptr, &pause);
  __real_close(timer);
}

}  // namespace gnomon::sim

using namespace gnomon::sim;

extern "C" {

// A simulated machine does not sleep.
int __wrap_clock_gettime(clockid_t clock, timespec* time) {
  return __real_clock_gettime(clock == CLOCK_BOOTTIME ? CLOCK_MONOTONIC : clock, time);
}

int __wrap_epoll_create1(int) {
  return reserve_descriptor();
}

int __wrap_epoll_ctl(int, int operation, int descriptor, epoll_event* event) {
  return result(calls().poller.control(operation, descriptor, event));
}

int __wrap_epoll_wait(int, epoll_event* events, int most, int timeout) {
  return result(calls().poller.wait({events, static_cast<std::size_t>(most)}, timeout));
}

// Wakes a loop out of another thread, of which there is none: never readable.
int __wrap_eventfd(unsigned, int) {
  const int descriptor = reserve_descriptor();
  const int other = reserve_descriptor();
  calls().channels.open(descriptor, other);
  return descriptor;
}

int __wrap_timerfd_create(clockid_t, int) {
  const int descriptor = reserve_descriptor();
  calls().poller.set_timer(descriptor);
  return descriptor;
}

int __wrap_timerfd_settime(int, int flags, const itimerspec* time, itimerspec*) {
  calls().poller.set_time(flags, *time);
  return 0;
}

int __wrap_socketpair(int, int, int, int* ends) {
  for (int i = 0; i < 2; ++i) {
    ends[i] = reserve_descriptor();
    if (ends[i] < 0) return -1;
  }
  calls().channels.open(ends[0], ends[1]);
  return 0;
}

ssize_t __wrap_sendmsg(int descriptor, const msghdr* message, int flags) {
  if (calls().channels.knows(descriptor)) return send_on_channel(descriptor, parts_of(*message));
  return after_writing(descriptor, __real_sendmsg(descriptor, message, flags));
}

ssize_t __wrap_send(int descriptor, const void* from, size_t size, int flags) {
  const iovec part{const_cast<void*>(from), size};  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  if (calls().channels.knows(descriptor)) return send_on_channel(descriptor, {&part, 1});
  return after_writing(descriptor, __real_send(descriptor, from, size, flags));
}

int __wrap_sendmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags) {
  unsigned sent = 0;
  for (; sent < count; ++sent) {
    const auto size = __wrap_sendmsg(descriptor, &messages[sent].msg_hdr, flags);
    if (size < 0) break;
    messages[sent].msg_len = static_cast<unsigned>(size);
  }
  return sent == 0 && count > 0 ? -1 : static_cast<int>(sent);
}

ssize_t __wrap_recvmsg(int descriptor, msghdr* message, int flags) {
  const auto size = calls().channels.knows(descriptor) ? receive_on_channel(descriptor, *message)
                                                       : __real_recvmsg(descriptor, message, flags);
  if (size >= 0 && (flags & MSG_ERRQUEUE) != 0) calls().stamp_numbers.correct(descriptor, *message);
  return after_reading(descriptor, size);
}

// Of a device.
ssize_t __wrap_read(int descriptor, void* into, size_t size) {
  return after_reading(descriptor, __real_read(descriptor, into, size));
}

// A simulator may take away what is only to be looked at: there is nothing yet, then, until it says that
// there is.
ssize_t __wrap_recv(int descriptor, void* into, size_t size, int flags) {
  if ((flags & MSG_PEEK) != 0 && !calls().channels.knows(descriptor))
    return after_reading(descriptor, result(-EAGAIN));
  iovec part{into, size};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const auto received = calls().channels.knows(descriptor) ? receive_on_channel(descriptor, message)
                                                           : __real_recv(descriptor, into, size, flags);
  return after_reading(descriptor, received);
}

int __wrap_recvmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags, timespec* timeout) {
  return after_reading(descriptor, __real_recvmmsg(descriptor, messages, count, flags, timeout));
}

int __wrap_socket(int family, int type, int protocol) {
  const int descriptor = __real_socket(family, type, protocol);
  if (descriptor >= 0 && type == SOCK_STREAM && family != AF_UNIX) calls().streams.insert(descriptor);
  return descriptor;
}

// A simulated handshake begins here; that it is over shows when the socket can be written to.
int __wrap_connect(int descriptor, const sockaddr* address, socklen_t size) {
  const int done = __real_connect(descriptor, address, size);
  if (!calls().streams.contains(descriptor)) return done;
  calls().poller.may_write_again(descriptor);
  return done == 0 ? result(-EINPROGRESS) : done;
}

// Not to be tried on the off chance: a simulator may end the program for it.
int __wrap_accept(int descriptor, sockaddr* address, socklen_t* size) {
  if (!calls().poller.has_told_readable(descriptor)) return result(-EAGAIN);
  gnomon::base::SocketAddress peer;
  const int connection = __real_accept(descriptor, peer.get(), &peer.size);
  after_reading(descriptor, 0);
  if (connection < 0) return connection;
  calls().peers[connection] = peer;
  if (address == nullptr || size == nullptr) return connection;
  std::memcpy(address, peer.get(), std::min(*size, peer.size));
  *size = peer.size;
  return connection;
}

int __wrap_getpeername(int descriptor, sockaddr* address, socklen_t* size) {
  const auto at = calls().peers.find(descriptor);
  if (at == calls().peers.end()) return __real_getpeername(descriptor, address, size);
  std::memcpy(address, at->second.get(), std::min(*size, at->second.size));
  *size = at->second.size;
  return 0;
}

int __wrap_ioctl(int descriptor, unsigned long request, int* value) {
  if (calls().channels.knows(descriptor)) return 0;
  const int done = __real_ioctl(descriptor, request, value);
  return done < 0 && request == FIONBIO && *value != 0 ? make_non_blocking(descriptor) : done;
}

// A simulated socket is no descriptor of the kernel's.
int __wrap_fcntl64(int descriptor, int command, int value) {
  const int done = __real_fcntl64(descriptor, command, value);
  return done < 0 && errno == EBADF ? plain_fcntl(descriptor, command, value) : done;
}

// A simulator has devices under the other name alone.
int __wrap_open64(const char* path, int flags, mode_t mode) {
  const bool device = std::string_view{path}.starts_with("/dev/");
  return device ? plain_open(path, flags, mode) : __real_open64(path, flags, mode);
}

int __wrap_close(int descriptor) {
  auto& all = calls();
  if (all.channels.knows(descriptor)) {
    const int other = all.channels.other_end(descriptor);
    all.channels.close(descriptor);
    all.poller.may_read_again(other);
  }
  all.poller.forget(descriptor);
  all.stamp_numbers.forget(descriptor);
  all.streams.erase(descriptor);
  all.peers.erase(descriptor);
  return __real_close(descriptor);
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
