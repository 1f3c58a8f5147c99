// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/server/first_record.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>

namespace gnomon::ntske {
namespace {

// RFC 8446 section 5.1: type u8 (22: handshake), version u16, length u16 of at most 2^14.
constexpr int header_size = 5;
constexpr std::uint8_t handshake = 22;
constexpr int max_record = 1 << 14;

// How many octets there must be before there is something to do, 0: there are; nullopt: the peer is gone.
std::optional<int> missing(int socket) {
  std::array<std::uint8_t, 1024> start{};
  const auto count = ::recv(socket, start.data(), start.size(), MSG_PEEK | MSG_DONTWAIT);
  if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return std::nullopt;
  if (count < header_size) return header_size;
  const int length = start[3] << 8 | start[4];
  if (start[0] != handshake || length > max_record) return 0;
  return count < header_size + length ? header_size + length : 0;
}

// How many octets there must be before the kernel calls the socket readable; an end of file always is.
void wake_at(asio::ip::tcp::socket& socket, int octets) {
  boost::system::error_code ignored;  // then we wake more often
  socket.set_option(asio::socket_base::receive_low_watermark(octets), ignored);
}

}  // namespace

asio::awaitable<FirstRecord> first_record(asio::ip::tcp::socket& socket) {
  // First for the header, then for what the header announces; what wakes us later is for TLS to judge.
  for (int wait = 0; wait < 2; ++wait) {
    const auto octets = missing(socket.native_handle());
    if (!octets) co_return FirstRecord::closed;
    if (*octets == 0) {
      if (wait == 0) wake_at(socket, 1);  // what it has of the listener is anybody's who shares that
      break;
    }
    wake_at(socket, *octets);
    const auto [ec] = co_await socket.async_wait(asio::ip::tcp::socket::wait_read, tok);
    wake_at(socket, 1);
    if (ec) co_return FirstRecord::cut;
  }
  co_return FirstRecord::there;
}

}  // namespace gnomon::ntske
