// SPDX-License-Identifier: GPL-2.0-or-later
// The client's check of the server's certificate: chain, dates and name, and why it was rejected.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "helpers/ntske/tls/certificate.hpp"
#include "helpers/ntske/tls/tls.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::ntske {

// Must stay where it is while the session it was attached to lives.
class PeerCheck {
 public:
  // `name`: a DNS name, or a literal address to be found among the certificate's addresses.
  PeerCheck(std::string name, base::RealTime verification_time, protocol::DateCheck dates);
  PeerCheck(const PeerCheck&) = delete;
  PeerCheck& operator=(const PeerCheck&) = delete;

  // Before attach(): a server that shows one of these as its own needs no authority. Its name, its dates and
  // its signature are checked as ever. They must outlive this.
  void trust(std::span<const Fingerprint> pinned) { pinned_ = pinned; }
  // Before attach(), for who wants to see what a client would refuse: no certificate ends the session, and
  // the name is not checked.
  void only_look() { only_looks_ = true; }
  // What was wrong with the chain then, dates and name aside; empty: nothing.
  [[nodiscard]] const std::string& distrust() const { return distrust_; }

  // Sets the session up: verification is mandatory, the name is checked, and told to the server if it is one.
  // False: memory is short.
  [[nodiscard]] bool attach(WOLFSSL& session);
  // After the handshake: the library takes a DNS name that spells an address for that address, and a common
  // name for a DNS name; we do not (RFC 9525 sections 2 and 6.5). nullopt: it is for us.
  [[nodiscard]] std::optional<protocol::KeFailure> wrong_name(WOLFSSL& session) const;
  // What this check makes of a handshake that ended with wolfSSL's `error`; nullopt: not about certificates.
  [[nodiscard]] std::optional<protocol::KeFailure> verdict(int error) const;

 private:
  [[nodiscard]] protocol::KeFailure wrong_name() const;
  static int on_certificate(int verified, WOLFSSL_X509_STORE_CTX* store);
  [[nodiscard]] bool forgives(int error) const;
  [[nodiscard]] bool accepts(const WOLFSSL_X509_STORE_CTX& store);
  [[nodiscard]] bool accepts_pinned(const Certificate& own, const WOLFSSL_X509_STORE_CTX& store);
  [[nodiscard]] std::optional<Certificate> pinned_one(const WOLFSSL_X509_STORE_CTX& store) const;
  void refuse(int error, const std::optional<Certificate>& certificate);
  void note_distrust(int error);

  std::string name_;
  base::RealTime verification_time_;
  protocol::DateCheck dates_;
  std::span<const Fingerprint> pinned_;
  bool only_looks_ = false;
  std::string distrust_;
  int error_ = 0;  // of the certificate that was refused
  std::optional<Certificate> presented_;
  std::optional<base::RealTime> not_before_;
  std::optional<base::RealTime> not_after_;
};

// The chain as the server sent it, its own certificate first; those that cannot be read are left out.
[[nodiscard]] std::vector<Certificate> peer_chain(WOLFSSL& session);

}  // namespace gnomon::ntske
