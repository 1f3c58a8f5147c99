// SPDX-License-Identifier: GPL-2.0-or-later
// What one NTS-KE exchange leaves at the client: keys, cookies and where to send NTP (RFC 8915 sections 4.3
// and 5.1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "protocol/crypto/aead_id.hpp"

namespace gnomon::protocol {

inline constexpr std::string_view exporter_label = "EXPORTER-network-time-security";
inline constexpr std::string_view ke_alpn = "ntske/1";

enum class KeyDirection : std::uint8_t { client_to_server = 0, server_to_client = 1 };
// Context of the TLS exporter: protocol id 0, AEAD id, direction. `aead_in_context` is 15 for the older key
// export of chrony 4.4-4.6 with AEAD 30 (see docs/decisions), else the AEAD's own number.
[[nodiscard]] constexpr std::array<std::uint8_t, 5> exporter_context(std::uint16_t aead_in_context,
                                                                     KeyDirection direction) {
  return {0, 0, static_cast<std::uint8_t>(aead_in_context >> 8U),
          static_cast<std::uint8_t>(aead_in_context & 0xffU), static_cast<std::uint8_t>(direction)};
}

struct SessionKeys {
  AeadId aead = AeadId::aes_siv_cmac_256;
  base::Secret c2s;
  base::Secret s2c;
};

struct NtsSession {
  SessionKeys keys;
  // Only with AEAD 30 and no record 1024 in the response: the keys of the compliant context, to be tried
  // after a first NAK.
  std::optional<SessionKeys> compliant_keys;
  std::vector<base::Buffer> cookies;
  std::string ntp_server;                 // empty: the address of the KE server
  std::optional<std::uint16_t> ntp_port;  // nullopt: the source's configured port
};

// How the dates of a server's certificates are looked at.
enum class DateCheck : std::uint8_t {
  strict,
  forgive_early,  // one that is not valid yet will do; one that has expired will not
  ignore,         // nocerttimecheck
};

// Why a KE did not succeed, in the order of the work.
enum class KeFailureReason : std::uint8_t {
  resolve_failed,
  connect_refused,
  unreachable,
  timeout,
  closed_by_peer,
  tls_handshake,
  certificate_expired,
  certificate_not_yet_valid,
  certificate_wrong_name,
  certificate_untrusted,
  certificate_invalid,
  no_alpn,
  bad_response,
  refused_by_server,
  no_common_aead,
  busy,
  internal
};
struct KeFailure {
  KeFailureReason reason = KeFailureReason::internal;
  std::string detail;  // at most 200 printable characters
  // Whether the TLS handshake was reached: chrony and we wait longer before the next try then.
  [[nodiscard]] bool reached_tls() const {
    return reason >= KeFailureReason::tls_handshake && reason < KeFailureReason::busy;
  }
  // Our clock may be to blame.
  [[nodiscard]] bool is_about_dates() const {
    return reason == KeFailureReason::certificate_expired ||
           reason == KeFailureReason::certificate_not_yet_valid;
  }
};
[[nodiscard]] std::string_view to_text(KeFailureReason reason);  // "certificate has expired", ...

}  // namespace gnomon::protocol
