// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/channel.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "tests/unit/catch.hpp"
#include "tests/unit/unix_sockets.hpp"

using namespace gnomon::base;

namespace {

std::array<std::uint8_t, 8> space;

bool is_same_file(int a, int b) {
  struct stat x{};
  struct stat y{};
  return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

// Two descriptors in one datagram, as nobody of ours sends them.
void send_two_descriptors(int socket) {
  REQUIRE(gnomon::testing::send_descriptors(socket, std::array{socket, socket}));
}

}  // namespace

TEST_CASE("datagrams keep their borders on a channel") {
  const auto channel = make_channel();
  REQUIRE(channel);
  REQUIRE(send_datagram(channel->ours.get(), as_bytes("one")));
  REQUIRE(send_datagram(channel->ours.get(), as_bytes("three")));
  CHECK(receive_datagram(channel->theirs.get(), space)->size == 3);
  const auto second = receive_datagram(channel->theirs.get(), space);
  REQUIRE(second);
  CHECK(std::memcmp(space.data(), "three", 5) == 0);
  CHECK_FALSE(second->descriptor);
}

TEST_CASE("a descriptor travels along and is closed on exec") {
  const auto channel = make_channel();
  const Fd file{open("/dev/null", O_RDWR | O_CLOEXEC)};
  REQUIRE(send_datagram(channel->ours.get(), as_bytes("x"), file.get()));
  const auto received = receive_datagram(channel->theirs.get(), space);
  REQUIRE(received);
  REQUIRE(received->descriptor);
  CHECK(is_same_file(received->descriptor.get(), file.get()));
  CHECK((fcntl(received->descriptor.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("more than one descriptor is refused and none is left open") {
  const auto channel = make_channel();
  const Fd lowest_free{dup(channel->ours.get())};
  send_two_descriptors(channel->ours.get());
  space.fill(1);
  const auto received = receive_datagram(channel->theirs.get(), space);
  REQUIRE_FALSE(received);
  CHECK(received.error().code == EBADMSG);
  CHECK(space.front() == 0);
  const Fd next{dup(channel->ours.get())};
  CHECK(next.get() == lowest_free.get() + 1);
}

TEST_CASE("a datagram that does not fit is an error, not a piece") {
  const auto channel = make_channel();
  REQUIRE(send_datagram(channel->ours.get(), as_bytes("nine char")));
  space.fill(1);
  CHECK(receive_datagram(channel->theirs.get(), space).error().code == EMSGSIZE);
  CHECK(std::ranges::count(space, 0) == space.size());
}

TEST_CASE("the end of the other side reads as size zero and is no signal when written to") {
  auto channel = make_channel();
  channel->ours.close();
  CHECK(receive_datagram(channel->theirs.get(), space)->size == 0);
  CHECK(send_datagram(channel->theirs.get(), as_bytes("x")).error().code == EPIPE);
}
