// SPDX-License-Identifier: GPL-2.0-or-later
// A certificate's private key as the primitives have it, for the handshakes of a context. Wiped when it is
// destroyed.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "base/bytes.hpp"
#include "helpers/ntske/primitives/primitives.hpp"
#include "helpers/ntske/tls/tls.hpp"

namespace gnomon::ntske {

class PrimitivesKey {
 public:
  // Of a private key in PEM; nullopt: it is of a kind that wolfCrypt has to sign with.
  [[nodiscard]] static std::optional<PrimitivesKey> read(const Primitives& primitives, base::Bytes pem);

  // From now on `context` signs with it; it must stay as long as the context's sessions.
  void sign_for(WOLFSSL_CTX& context) const;
  // wolfCrypt signs again.
  static void leave(WOLFSSL_CTX& context);

 private:
  struct Held;  // at an address that wolfSSL may keep
  struct Freed {
    void operator()(Held* held) const;
  };
  explicit PrimitivesKey(std::unique_ptr<Held, Freed> held) : held_(std::move(held)) {}
  [[nodiscard]] static int sign(WOLFSSL& session, Input digest, unsigned char* signature, unsigned& size);
  static int sign_ecdsa(WOLFSSL* session, const unsigned char* digest, unsigned digest_size,
                        unsigned char* signature, word32* size, const unsigned char* key, unsigned key_size,
                        void* user);
  static int sign_pss(WOLFSSL* session, const unsigned char* digest, unsigned digest_size,
                      unsigned char* signature, unsigned* size, int hash, int mask, const unsigned char* key,
                      unsigned key_size, void* user);

  std::unique_ptr<Held, Freed> held_;
};

}  // namespace gnomon::ntske
