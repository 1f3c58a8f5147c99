// SPDX-License-Identifier: GPL-2.0-or-later
// What is read from a certificate outside a handshake, as a value. With wolfCrypt's parser: wolfSSL 5.5
// cannot create a WOLFSSL_X509 for a certificate with an Ed25519 key.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "ipc/certificate_messages.hpp"

namespace gnomon::ntske {

using Fingerprint = std::array<std::uint8_t, 32>;  // SHA-256 of the whole certificate

struct Certificate {
  std::string subject;  // "/CN=time.example/O=..."
  std::string issuer;   // likewise
  // Subject alternative names (RFC 5280 section 4.2.1.6); the common name is none of them (RFC 9525 section
  // 2).
  std::vector<std::string> dns_names;
  std::vector<base::IpAddress> addresses;
  ipc::KeyKind key = ipc::KeyKind::other;
  std::uint16_t key_bits = 0;
  // To the second; nullopt: a date no calendar knows.
  std::optional<base::RealTime> not_before;
  std::optional<base::RealTime> not_after;
  Fingerprint fingerprint{};
  // Whether it may vouch for others (RFC 5280 section 4.2.1.9); in version 1 that could not be said.
  bool authority = false;
};

// nullopt: it is none.
[[nodiscard]] std::optional<Certificate> read_certificate(base::Bytes der);
// The certificates of a PEM file, each a PEM text of its own.
[[nodiscard]] std::vector<base::Buffer> each_of(base::Bytes pem);
// The first one of a PEM chain.
[[nodiscard]] std::optional<Certificate> first_certificate(base::Bytes pem);

// Whether the certificate is for this DNS name, by a name or a wildcard for its first label.
[[nodiscard]] bool is_for_name(const Certificate& certificate, std::string_view name);
// Whether it is for this address, as an address: a DNS name that spells it does not count (RFC 9525
// section 6.5).
[[nodiscard]] bool is_for_address(const Certificate& certificate, const base::IpAddress& address);

}  // namespace gnomon::ntske
