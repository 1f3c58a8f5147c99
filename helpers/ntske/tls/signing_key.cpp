// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/tls/signing_key.hpp"

#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include "base/secret.hpp"

namespace gnomon::ntske {

struct PrimitivesKey::Held {
  const Primitives& primitives;
  SigningKey* key;
};

void PrimitivesKey::Freed::operator()(Held* held) const {
  held->primitives.free_key(held->key);
  delete held;  // NOLINT(cppcoreguidelines-owning-memory): this is its owner
}

#ifdef HAVE_PK_CALLBACKS
namespace {

// wolfSSL checks an RSA signature before it is sent, as one with an error in it reveals the key. Whoever has
// done that may say so with 0: libcrypto checks each result that it got by Chinese remainders.
int pss_is_checked(WOLFSSL* /*session*/, unsigned char* /*signature*/, unsigned /*size*/,
                   unsigned char** /*plain*/, int /*hash*/, int /*mask*/, const unsigned char* /*key*/,
                   unsigned /*key_size*/, void* /*user*/) {
  return 0;
}

}  // namespace

// The server name may have moved the session to the context of another certificate.
int PrimitivesKey::sign(WOLFSSL& session, Input digest, unsigned char* signature, unsigned& size) {
  auto* const held = static_cast<Held*>(wolfSSL_CTX_GetEccSignCtx(wolfSSL_get_SSL_CTX(&session)));
  if (held == nullptr) return BAD_FUNC_ARG;
  size = static_cast<unsigned>(held->primitives.sign(*held->key, digest, {signature, size}));
  return size == 0 ? WC_HW_E : 0;
}

int PrimitivesKey::sign_ecdsa(WOLFSSL* session, const unsigned char* digest, unsigned digest_size,
                              unsigned char* signature, word32* size, const unsigned char* /*key*/,
                              unsigned /*key_size*/, void* /*user*/) {
  return sign(*session, {digest, digest_size}, signature, *size);
}

int PrimitivesKey::sign_pss(WOLFSSL* session, const unsigned char* digest, unsigned digest_size,
                            unsigned char* signature, unsigned* size, int /*hash*/, int /*mask*/,
                            const unsigned char* /*key*/, unsigned /*key_size*/, void* /*user*/) {
  return sign(*session, {digest, digest_size}, signature, *size);
}

void PrimitivesKey::sign_for(WOLFSSL_CTX& context) const {
  wolfSSL_CTX_SetEccSignCtx(&context, held_.get());  // for RSA as well
  wolfSSL_CTX_SetEccSignCb(&context, sign_ecdsa);
  wolfSSL_CTX_SetRsaPssSignCb(&context, sign_pss);
  wolfSSL_CTX_SetRsaPssSignCheckCb(&context, pss_is_checked);
}

void PrimitivesKey::leave(WOLFSSL_CTX& context) {
  wolfSSL_CTX_SetEccSignCb(&context, nullptr);
  wolfSSL_CTX_SetRsaPssSignCb(&context, nullptr);
  wolfSSL_CTX_SetRsaPssSignCheckCb(&context, nullptr);
  wolfSSL_CTX_SetEccSignCtx(&context, nullptr);
}
#else
void PrimitivesKey::sign_for(WOLFSSL_CTX& /*context*/) const {}
void PrimitivesKey::leave(WOLFSSL_CTX& /*context*/) {}
#endif

std::optional<PrimitivesKey> PrimitivesKey::read(const Primitives& primitives, base::Bytes pem) {
  base::Buffer der(pem.size());
  const int size = wc_KeyPemToDer(pem.data(), static_cast<int>(pem.size()), der.data(),
                                  static_cast<int>(der.size()), nullptr);
  auto* const key = size > 0 ? primitives.new_key(Input{der}.first(static_cast<std::size_t>(size))) : nullptr;
  base::wipe(der);
  if (key == nullptr) return std::nullopt;
  return PrimitivesKey{std::unique_ptr<Held, Freed>{new Held{primitives, key}}};
}

}  // namespace gnomon::ntske
