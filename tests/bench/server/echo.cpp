// SPDX-License-Identifier: GPL-2.0-or-later
// Sends each datagram back to where it came from, with recvmmsg and sendmmsg and the kernel's timestamps:
// what a request costs without anything being done about it.
//   server-echo PORT bare    on a socket of IPv4 alone, from whatever address the kernel chooses
//   server-echo PORT named   as a server has to: one socket of both families, from the address that was asked
//   server-echo PORT aead    likewise, after the AEAD operations of an NTS request with one cookie
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "base/os/fd.hpp"
#include "base/os/socket.hpp"
#include "base/os/timestamps.hpp"
#include "tests/bench/server/nts_work.hpp"

using namespace gnomon;

namespace {

constexpr std::size_t batch = 32;  // as in the server

template <class T>
T require(base::OsResult<T> done) {
  if (!done) throw std::runtime_error{base::to_string(done.error())};
  if constexpr (!std::is_void_v<T>) return std::move(*done);
}

base::Fd bind_to(std::uint16_t port, bool named) {
  const auto any = *base::parse_address(named ? "::" : "0.0.0.0");
  auto socket = require(base::bind_udp({any, port}, {.v6_only = false}));
  require(base::enable_packet_info(socket.get()));
  require(base::enable_timestamps(socket.get(), base::TimestampKind::receive, base::Hardware::no));
  return socket;
}

// The message that came with the datagram's destination, alone, as that of an answer that is to leave from
// there.
void name_source(msghdr& header) {
  for (auto* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != IPPROTO_IPV6 || c->cmsg_type != IPV6_PKTINFO) continue;
    in6_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(c), sizeof info);
    info.ipi6_ifindex = 0;
    auto* const first = CMSG_FIRSTHDR(&header);
    *first = {.cmsg_len = CMSG_LEN(sizeof info), .cmsg_level = IPPROTO_IPV6, .cmsg_type = IPV6_PKTINFO};
    std::memcpy(CMSG_DATA(first), &info, sizeof info);
    header.msg_controllen = CMSG_LEN(sizeof info);
    return;
  }
}

struct Batch {
  std::array<mmsghdr, batch> messages{};
  std::array<iovec, batch> places{};
  std::array<sockaddr_in6, batch> clients{};
  std::array<std::array<std::uint8_t, 2048>, batch> octets{};
  std::array<base::ControlBuffer, batch> control{};

  void prepare() {
    for (std::size_t i = 0; i < batch; ++i) {
      places.at(i) = {octets.at(i).data(), octets.at(i).size()};
      messages.at(i) = {.msg_hdr = {.msg_name = &clients.at(i),
                                    .msg_namelen = sizeof clients.at(i),
                                    .msg_iov = &places.at(i),
                                    .msg_iovlen = 1,
                                    .msg_control = control.at(i).octets.data(),
                                    .msg_controllen = control.at(i).octets.size(),
                                    .msg_flags = 0},
                        .msg_len = 0};
    }
  }
  void turn_around(std::size_t count, bool named) {
    for (std::size_t i = 0; i < count; ++i) {
      auto& header = messages.at(i).msg_hdr;
      places.at(i).iov_len = messages.at(i).msg_len;
      if (named) {
        name_source(header);
      } else {
        header.msg_control = nullptr;
        header.msg_controllen = 0;
      }
    }
  }
};

struct Echo {
  base::Fd socket;
  bool named;
  std::optional<bench::NtsWork> nts;
  std::unique_ptr<Batch> all = std::make_unique<Batch>();

  // How many there were.
  std::size_t once() {
    all->prepare();
    const int got = recvmmsg(socket.get(), all->messages.data(), batch, MSG_DONTWAIT, nullptr);
    if (got <= 0) return 0;
    const auto count = static_cast<std::size_t>(got);
    for (std::size_t i = 0; nts && i < count; ++i) nts->do_one();
    all->turn_around(count, named);
    for (std::size_t sent = 0; sent < count;) {
      const int done =
          sendmmsg(socket.get(), &all->messages.at(sent), static_cast<unsigned>(count - sent), MSG_DONTWAIT);
      sent += done > 0 ? static_cast<std::size_t>(done) : 1;
    }
    return count;
  }
};

Echo make(const std::string& port, const std::string& kind) {
  if (kind != "bare" && kind != "named" && kind != "aead") throw std::runtime_error{"no such echo: " + kind};
  const bool named = kind != "bare";
  Echo echo{
      .socket = bind_to(static_cast<std::uint16_t>(std::stoul(port)), named), .named = named, .nts = {}};
  if (kind == "aead") echo.nts.emplace();
  return echo;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count != 3) throw std::runtime_error{"usage: server-echo PORT bare|named|aead"};
    auto echo = make(arguments[1], arguments[2]);
    pollfd readable{echo.socket.get(), POLLIN, 0};
    while (poll(&readable, 1, -1) >= 0)
      for (int round = 0; round < 16; ++round)
        if (echo.once() < batch) break;
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "server-echo: {}\n", error.what());
    return 1;
  }
}
