// SPDX-License-Identifier: GPL-2.0-or-later
// A handshake in memory, at start: the one sure way to learn that certificate and private key belong together
// (wolfSSL 5.5 says of any two elliptic-curve keys that they do).
#pragma once

#include "helpers/ntske/tls/tls.hpp"

namespace gnomon::ntske {

// Whether a client that checks nothing but the server's signature gets through.
[[nodiscard]] bool handshake_works(WOLFSSL_CTX& server);

}  // namespace gnomon::ntske
