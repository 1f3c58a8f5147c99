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
  bool no_tls = false;                // of connect(): what came first is no record of TLS
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
  // All of it.
  [[nodiscard]] asio::awaitable<std::expected<void, TlsFailure>> write(base::Bytes bytes);
  // All of it and close_notify. close() must follow at once: the kernel waits with the last octets for the
  // end of file, so that one segment carries everything.
  [[nodiscard]] asio::awaitable<std::expected<void, TlsFailure>> write_last(base::Bytes bytes);
  // close_notify, unless it is sent, and end of file. What the peer has said by now is read, as closing over
  // unread octets would reset the connection under its unread answer; what it says later is not waited for.
  void close();

 private:
  // The socket as wolfSSL's callbacks see it. It asks for five octets, then for the record: one read serves
  // several.
  struct Transport {
    int fd = -1;
    bool holds = false;  // what is sent, until there is more
    base::Buffer held;
    std::optional<std::uint8_t> first;  // that ever came: a record's type
    std::size_t begin = 0;
    std::size_t end = 0;
    std::array<std::uint8_t, 1024> unread{};
  };
  [[nodiscard]] asio::awaitable<std::expected<void, TlsFailure>> send_held();
  static int receive_octets(WOLFSSL* session, char* into, int size, void* transport);
  static int send_octets(WOLFSSL* session, char* from, int size, void* transport);

  asio::ip::tcp::socket socket_;
  Transport transport_;
  TlsSession session_;
  bool notified_ = false;  // close_notify is sent
};

}  // namespace gnomon::ntske
