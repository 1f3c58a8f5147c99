// SPDX-License-Identifier: GPL-2.0-or-later
// A TLS connection as awaitables: owns the socket and the wolfSSL session, and knows nothing about NTS.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

#include "async/asio.hpp"
#include "base/bytes.hpp"
#include "helpers/ntske/tls/tls.hpp"

namespace gnomon::ntske {

struct TlsFailure {
  int error = 0;                      // wolfSSL's number, negative
  std::optional<int> alert;           // what the peer sent, if it sent one
  bool cancelled = false;             // by us: time is over
  [[nodiscard]] bool closed() const;  // the peer went away: end of file, reset or close_notify
};

// One operation at a time. A cancelled accept() or connect() leaves nothing to be done; after a cancelled
// read() one may still write() and close().
class TlsStream {
 public:
  TlsStream(asio::ip::tcp::socket socket, TlsSession session);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  [[nodiscard]] WOLFSSL& session() { return *session_; }

  [[nodiscard]] asio::awaitable<std::expected<void, TlsFailure>> accept();
  // Certificate dates are checked against `verification_time`.
  [[nodiscard]] asio::awaitable<std::expected<void, TlsFailure>> connect(base::RealTime verification_time);
  // At least one octet.
  [[nodiscard]] asio::awaitable<std::expected<std::size_t, TlsFailure>> read(base::MutableBytes into);
  // All of it. `last`: close() or leave() follows at once and shares its segment.
  [[nodiscard]] asio::awaitable<std::expected<void, TlsFailure>> write(base::Bytes bytes, bool last = false);
  // close_notify, then end of file for peers that wait for that, then whatever the peer still says until it
  // closes too: closing over unread octets would reset the connection under the peer's unread answer.
  [[nodiscard]] asio::awaitable<void> close();
  // The same for who may not wait: what the peer says from now on is not heard.
  void leave();

 private:
  // The socket as wolfSSL's callbacks see it. It asks for five octets, then for the record: one read serves
  // several.
  struct Transport {
    int fd = -1;
    int send_flags = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::array<std::uint8_t, 1024> unread{};
  };
  static int receive_octets(WOLFSSL* session, char* into, int size, void* transport);
  static int send_octets(WOLFSSL* session, char* from, int size, void* transport);

  asio::ip::tcp::socket socket_;
  Transport transport_;
  TlsSession session_;
};

}  // namespace gnomon::ntske
