// SPDX-License-Identifier: GPL-2.0-or-later
// wolfSSL's objects with owners, and what every session of ours has in common, on either side.
#pragma once

#include <wolfssl/options.h>
// options.h first: it says how the library was built.
#include <wolfssl/ssl.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "base/time.hpp"
#include "helpers/ntske/primitives/primitives.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::ntske {

struct TlsDeleter {
  void operator()(WOLFSSL_CTX* context) const { wolfSSL_CTX_free(context); }
  void operator()(WOLFSSL* session) const { wolfSSL_free(session); }
};
using TlsContext = std::unique_ptr<WOLFSSL_CTX, TlsDeleter>;
using TlsSession = std::unique_ptr<WOLFSSL, TlsDeleter>;

// wolfSSL_Init and wolfSSL_Cleanup, with our crypto device. Whoever holds it may not fork: the library's
// generator would repeat itself.
class TlsLibrary {
 public:
  // nullptr: wolfCrypt computes everything.
  explicit TlsLibrary(const Primitives* primitives = nullptr);
  ~TlsLibrary();
  TlsLibrary(const TlsLibrary&) = delete;
  TlsLibrary& operator=(const TlsLibrary&) = delete;
};

enum class TlsSide : std::uint8_t { client, server };

// TLS 1.3 only, no tickets, no session cache; X25519 preferred, by a server ChaCha20-Poly1305, too. Null when
// memory is short.
[[nodiscard]] TlsContext make_context(TlsSide side);
// A session that offers or demands ALPN ntske/1. Null when memory is short.
[[nodiscard]] TlsSession make_session(WOLFSSL_CTX& context);

// Whether both sides agreed on ntske/1: a client that says nothing about ALPN gets through the handshake.
[[nodiscard]] bool negotiated_ntske(WOLFSSL& session);

// Both keys of an NTPv4 session (RFC 8915 section 4.3), after the handshake. `aead_in_context` as in
// protocol::exporter_context.
[[nodiscard]] std::optional<protocol::SessionKeys> export_keys(WOLFSSL& session, protocol::AeadId aead,
                                                               std::uint16_t aead_in_context);

// What wolfSSL takes for "now" when it checks the dates of certificates. The library asks one function for
// the whole process, so set it right before each call that may verify; sessions interleave.
void set_verification_time(base::RealTime time);

}  // namespace gnomon::ntske
