// SPDX-License-Identifier: GPL-2.0-or-later
// What is read from a certificate outside a handshake: its names and its last day.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "helpers/ntske/tls.hpp"

namespace gnomon::ntske {

// The first certificate of a PEM chain; null when there is none.
[[nodiscard]] Certificate first_certificate(base::Bytes pem);
// Whether the certificate is for this DNS name.
[[nodiscard]] bool is_for_name(WOLFSSL_X509& certificate, std::string_view name);
// Whether the certificate is for this address, as an address: a DNS name that spells it does not count
// (RFC 9525 section 6.5).
[[nodiscard]] bool is_for_address(const WOLFSSL_X509& certificate, const base::IpAddress& address);

// To the second; nullopt: a date no calendar knows.
[[nodiscard]] std::optional<base::RealTime> not_before(const WOLFSSL_X509& certificate);
[[nodiscard]] std::optional<base::RealTime> not_after(const WOLFSSL_X509& certificate);
[[nodiscard]] std::string date_text(base::RealTime time);  // 2026-11-23 02:52:05 UTC

}  // namespace gnomon::ntske
