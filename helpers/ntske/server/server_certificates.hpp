// SPDX-License-Identifier: GPL-2.0-or-later
// The server's certificates and private keys, loaded once while the role may still read them. Owned by the
// server role, the only place where the TLS private key exists.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "helpers/ntske/tls/certificate.hpp"
#include "helpers/ntske/tls/signing_key.hpp"
#include "helpers/ntske/tls/tls.hpp"
#include "helpers/ntske/tls/trust_store.hpp"
#include "ipc/certificate_messages.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::ntske {

class ServerCertificates {
 public:
  // The error says which file, what is wrong and what to do. Keys that `primitives` have signatures for sign
  // with those, as long as a handshake with them works.
  [[nodiscard]] static std::expected<ServerCertificates, std::string> load(
      std::span<const ipc::CertificatePair> pairs, const Primitives* primitives = nullptr);

  // One for each pair, in their order.
  [[nodiscard]] std::vector<ipc::CertificateFacts> facts() const;
  // Whether one had expired already when its file was changed last, and is so at `now`: a sentence; empty:
  // none. `files`: those that were loaded.
  [[nodiscard]] std::string expired_when_written(std::span<const ipc::CertificatePair> files,
                                                 base::RealTime now) const;

  // What a client that trusts the authorities of set 0 makes of the first pair, whatever the date; nullopt:
  // it accepts it.
  [[nodiscard]] std::optional<protocol::KeFailure> client_verdict(const TrustStore& trust,
                                                                  base::RealTime now) const;

  // A session that shows the first pair whose certificate is for the name the client asks for, else the
  // first.
  [[nodiscard]] TlsSession new_session() const;

 private:
  struct Pair {
    std::optional<PrimitivesKey> key;  // outlives the context, which points at it
    TlsContext context;
    Certificate certificate;
  };
  static std::expected<Pair, std::string> load_pair(const ipc::CertificatePair& files,
                                                    const Primitives* primitives);
  static bool key_fits(Pair& pair, base::Bytes pem, const Primitives* primitives);
  static int choose_by_name(WOLFSSL* session, int* alert, void* pairs);

  // On the heap because the contexts point at it.
  std::unique_ptr<std::vector<Pair>> pairs_ = std::make_unique<std::vector<Pair>>();
};

}  // namespace gnomon::ntske
