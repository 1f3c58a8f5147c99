// SPDX-License-Identifier: GPL-2.0-or-later
// A TLS connection as awaitables: owns the socket and the wolfSSL session, and knows nothing of NTS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

#include "base/bytes.hpp"
#include "helpers/asio/asio.hpp"
#include "helpers/ntske/tls.hpp"

namespace gnomon::ntske {

struct TlsFailure {
  int error = 0;                      // wolfSSL's number, negative
  std::optional<int> alert;           // what the peer sent, if it sent one
  [[nodiscard]] bool closed() const;  // the peer went away: end of file, reset or close_notify
};

// One operation at a time. Every operation may be cancelled; the connection is of no use afterwards.
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
  // close_notify, then end of file for peers that wait for that, then whatever the peer still says until it
  // closes too: closing over unread octets would reset the connection under the peer's unread answer.
  [[nodiscard]] asio::awaitable<void> close();

 private:
  asio::ip::tcp::socket socket_;
  int fd_;
  TlsSession session_;
};

}  // namespace gnomon::ntske
