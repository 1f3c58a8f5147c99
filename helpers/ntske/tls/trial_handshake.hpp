// SPDX-License-Identifier: GPL-2.0-or-later
// A handshake in memory at startup: the only sure way to learn that certificate and private key belong
// together (wolfSSL 5.5 says so of any two elliptic-curve keys).
#pragma once

#include "helpers/ntske/tls/tls.hpp"

namespace gnomon::ntske {

// Whether a client that checks nothing but the server's signature gets through.
[[nodiscard]] bool handshake_works(WOLFSSL_CTX& server);

}  // namespace gnomon::ntske
