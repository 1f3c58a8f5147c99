// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/tls/tls.hpp"

#include <wolfssl/wolfcrypt/asn_public.h>

#include <array>
#include <ctime>
#include <string>

#include "base/secret.hpp"
#include "helpers/ntske/tls/crypto_device.hpp"

namespace gnomon::ntske {
namespace {

// In the server's order. Debian's wolfSSL has AES from tables: slower than ChaCha20, and its timing depends
// on the key. AES-128-GCM is what every client must have (RFC 8446 section 9.1).
constexpr const char* server_suites =
    "TLS13-CHACHA20-POLY1305-SHA256:TLS13-AES128-GCM-SHA256:TLS13-AES256-GCM-SHA384";

// wolfSSL's hook for the time has no user pointer, hence the one variable of this room.
std::time_t verification_seconds = 0;

std::time_t tell_verification_time(std::time_t* into) {
  if (into != nullptr) *into = verification_seconds;
  return verification_seconds;
}

std::optional<base::Secret> export_key(WOLFSSL& session, std::uint16_t aead_in_context,
                                       protocol::KeyDirection direction, std::size_t size) {
  const auto context = protocol::exporter_context(aead_in_context, direction);
  std::array<std::uint8_t, base::Secret::capacity> key{};
  const int result =
      wolfSSL_export_keying_material(&session, key.data(), size, protocol::exporter_label.data(),
                                     protocol::exporter_label.size(), context.data(), context.size(), 1);
  std::optional<base::Secret> secret;
  if (result == WOLFSSL_SUCCESS) secret.emplace(base::Bytes{key}.first(size));
  base::wipe(key);
  return secret;
}

}  // namespace

TlsLibrary::TlsLibrary(const Primitives* primitives) {
  wolfSSL_Init();
  register_crypto_device(primitives);
}

TlsLibrary::~TlsLibrary() {
  unregister_crypto_device();
  wolfSSL_Cleanup();
}

TlsContext make_context(TlsSide side) {
  TlsContext context{
      wolfSSL_CTX_new(side == TlsSide::server ? wolfTLSv1_3_server_method() : wolfTLSv1_3_client_method())};
  if (!context) return context;
  wolfSSL_CTX_no_ticket_TLSv13(context.get());
  wolfSSL_CTX_set_session_cache_mode(context.get(), WOLFSSL_SESS_CACHE_OFF);
  wolfSSL_CTX_clear_mode(context.get(), SSL_MODE_AUTO_RETRY);  // it would read ten times where once is enough
  // No ticket is wanted from servers either: wolfSSL before 5.6 ends the session at one whose nonce is longer
  // than eight octets, as those of rustls are. Servers send none to who knows no way to use it.
  if (side == TlsSide::client) wolfSSL_CTX_no_dhe_psk(context.get());
  if (side == TlsSide::server) {
    if (wolfSSL_CTX_set_cipher_list(context.get(), server_suites) != WOLFSSL_SUCCESS) return nullptr;
    use_crypto_device(*context);
  }
  std::array<int, 3> groups{WOLFSSL_ECC_X25519, WOLFSSL_ECC_SECP256R1, WOLFSSL_ECC_SECP384R1};
  wolfSSL_CTX_set_groups(context.get(), groups.data(), static_cast<int>(groups.size()));
  return context;
}

TlsSession make_session(WOLFSSL_CTX& context) {
  TlsSession session{wolfSSL_new(&context)};
  if (!session) return session;
  std::string alpn{protocol::ke_alpn};  // the library wants a list it could write to
  const int offered = wolfSSL_UseALPN(session.get(), alpn.data(), static_cast<unsigned>(alpn.size()),
                                      WOLFSSL_ALPN_FAILED_ON_MISMATCH);
  if (offered != WOLFSSL_SUCCESS) return nullptr;
  wolfSSL_KeepArrays(session.get());  // the exporter needs them after the handshake
  return session;
}

bool negotiated_ntske(WOLFSSL& session) {
  char* name = nullptr;
  unsigned short size = 0;
  if (wolfSSL_ALPN_GetProtocol(&session, &name, &size) != WOLFSSL_SUCCESS || name == nullptr) return false;
  return std::string_view{name, size} == protocol::ke_alpn;
}

std::optional<protocol::SessionKeys> export_keys(WOLFSSL& session, protocol::AeadId aead,
                                                 std::uint16_t aead_in_context) {
  using enum protocol::KeyDirection;
  const std::size_t size = protocol::traits(aead).key_size;
  auto c2s = export_key(session, aead_in_context, client_to_server, size);
  auto s2c = export_key(session, aead_in_context, server_to_client, size);
  if (!c2s || !s2c) return std::nullopt;
  return protocol::SessionKeys{aead, std::move(*c2s), std::move(*s2c)};
}

void set_verification_time(base::RealTime time) {
  verification_seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
  wc_SetTimeCb(tell_verification_time);
}

}  // namespace gnomon::ntske
