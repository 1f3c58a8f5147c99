// SPDX-License-Identifier: GPL-2.0-or-later
// A handshake in memory: the only sure way to learn that certificate and private key belong together (wolfSSL
// 5.5 says so of any two elliptic-curve keys), and what clients will make of the certificate.
#pragma once

#include <optional>

#include "helpers/ntske/tls/peer_check.hpp"
#include "helpers/ntske/tls/tls.hpp"

namespace gnomon::ntske {

// Whether a client that checks nothing but the server's signature gets through.
[[nodiscard]] bool handshake_works(WOLFSSL_CTX& server);

// What this check of a client makes of the server's certificate; nullopt: it is accepted.
[[nodiscard]] std::optional<protocol::KeFailure> checked_handshake(WOLFSSL_CTX& server, WOLFSSL_CTX& client,
                                                                   PeerCheck& check);

}  // namespace gnomon::ntske
