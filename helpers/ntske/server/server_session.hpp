// SPDX-License-Identifier: GPL-2.0-or-later
// One NTS-KE session from the server's side: handshake, request, cookies, response (RFC 8915 section 4).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "async/asio.hpp"
#include "base/address.hpp"
#include "helpers/ntske/server/cookie_requests.hpp"
#include "helpers/ntske/tls/tls_stream.hpp"
#include "ipc/ntske_messages.hpp"
#include "protocol/crypto/aead_id.hpp"

namespace gnomon::ntske {

// What all sessions of a server answer with.
struct ServerOffer {
  std::vector<protocol::AeadId> aeads;  // those we accept
  std::uint16_t ntp_port = 123;
  std::string ntp_server;  // empty: this host
};

// Until the answer is sent; the caller cancels it when its time is over, and closes. A client that is cut
// after the handshake and before its request is complete gets Error 1 (section 4.1.3). `when_complete` is
// called when the request is.
[[nodiscard]] asio::awaitable<ipc::SessionEnd> serve_session(TlsStream& stream, const base::Endpoint& client,
                                                             const ServerOffer& offer,
                                                             CookieRequests& requests,
                                                             const std::function<void()>& when_complete);

}  // namespace gnomon::ntske
