// SPDX-License-Identifier: GPL-2.0-or-later
// The certificates that the NTS-KE server role presents, reported to the core as plain facts, and how a role
// is replaced.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "ipc/frame.hpp"

namespace gnomon::ipc {

enum class KeyKind : std::uint8_t { other, ecdsa, rsa, ed25519, ed448 };

// --- server role -> core: the first it says, one for each pair of the configuration. The role has loaded and
// tried them all by then: the launcher takes the first frame of a new role for a sign that it can serve.
struct CertificateFacts {
  static constexpr auto type = MessageType::certificate_facts;
  static constexpr std::size_t most_names = 24;
  static constexpr std::size_t longest_subject = 200;
  std::uint16_t pair = 0;           // counted from 0, in the order of the configuration
  std::string subject;              // for people, printable
  std::vector<std::string> names;   // subject alternative names: DNS names and addresses
  std::uint16_t further_names = 0;  // that found no place
  KeyKind key = KeyKind::other;
  std::uint16_t key_bits = 0;
  base::RealTime not_before;
  base::RealTime not_after;                    // base::RealTime::max(): never
  std::array<std::uint8_t, 32> fingerprint{};  // SHA-256 of the certificate
};

// --- server role: the only thing it says when a certificate or its key cannot be used, and it ends. To the
// core, or to the launcher when it was to replace another one.
struct CertificatesUnusable {
  static constexpr auto type = MessageType::certificates_unusable;
  static constexpr std::size_t longest_reason = 250;
  std::string reason;  // sentences for people, with the files; what is longer is cut
};
// --- launcher -> core: that of one which was to replace another, which goes on.
struct CertificatesRefused {
  static constexpr auto type = MessageType::certificates_refused;
  std::string reason;
};

// --- core -> server role: another has its place. It accepts no more, ends the sessions it has, and leaves.
struct Retire {
  static constexpr auto type = MessageType::retire;
};

}  // namespace gnomon::ipc
