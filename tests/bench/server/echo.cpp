// SPDX-License-Identifier: GPL-2.0-or-later
// Sends each datagram back to where it came from, with recvmmsg and sendmmsg, the kernel's timestamps and the
// local address, as a server of time needs them: what a request costs without anything being done about it.
//   server-echo PORT
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "base/os/fd.hpp"
#include "base/os/socket.hpp"
#include "base/os/timestamps.hpp"

using namespace gnomon;

namespace {

constexpr std::size_t batch = 32;  // as in the server

base::Fd bind_to(std::uint16_t port) {
  auto socket = base::bind_udp({*base::parse_address("0.0.0.0"), port}, {});
  if (!socket) throw std::runtime_error{base::to_string(socket.error())};
  if (auto done = base::enable_packet_info(socket->get()); !done)
    throw std::runtime_error{base::to_string(done.error())};
  if (auto done = base::enable_timestamps(socket->get(), base::TimestampKind::receive, base::Hardware::no);
      !done)
    throw std::runtime_error{base::to_string(done.error())};
  return std::move(*socket);
}

struct Batch {
  std::array<mmsghdr, batch> messages{};
  std::array<iovec, batch> places{};
  std::array<sockaddr_in, batch> clients{};
  std::array<std::array<std::uint8_t, 2048>, batch> octets{};
  std::array<std::array<char, 256>, batch> control{};

  void prepare() {
    for (std::size_t i = 0; i < batch; ++i) {
      places.at(i) = {octets.at(i).data(), octets.at(i).size()};
      messages.at(i) = {.msg_hdr = {.msg_name = &clients.at(i),
                                    .msg_namelen = sizeof clients.at(i),
                                    .msg_iov = &places.at(i),
                                    .msg_iovlen = 1,
                                    .msg_control = control.at(i).data(),
                                    .msg_controllen = control.at(i).size(),
                                    .msg_flags = 0},
                        .msg_len = 0};
    }
  }
  void turn_around(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      places.at(i).iov_len = messages.at(i).msg_len;
      messages.at(i).msg_hdr.msg_control = nullptr;
      messages.at(i).msg_hdr.msg_controllen = 0;
    }
  }
};

// How many there were.
std::size_t echo(int socket, Batch& all) {
  all.prepare();
  const int got = recvmmsg(socket, all.messages.data(), batch, MSG_DONTWAIT, nullptr);
  if (got <= 0) return 0;
  const auto count = static_cast<std::size_t>(got);
  all.turn_around(count);
  for (std::size_t sent = 0; sent < count;) {
    const int done =
        sendmmsg(socket, &all.messages.at(sent), static_cast<unsigned>(count - sent), MSG_DONTWAIT);
    sent += done > 0 ? static_cast<std::size_t>(done) : 1;
  }
  return count;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count != 2) throw std::runtime_error{"usage: server-echo PORT"};
    const auto socket = bind_to(static_cast<std::uint16_t>(std::stoul(arguments[1])));
    const auto all = std::make_unique<Batch>();
    pollfd readable{socket.get(), POLLIN, 0};
    while (poll(&readable, 1, -1) >= 0)
      for (int round = 0; round < 16; ++round)
        if (echo(socket.get(), *all) < batch) break;
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "server-echo: {}\n", error.what());
    return 1;
  }
}
