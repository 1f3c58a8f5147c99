// SPDX-License-Identifier: GPL-2.0-or-later
// NTS-KE messages (RFC 8915 section 4): records to and from octets, a request as a server reads it, a
// response as a client reads it. No TLS here.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "protocol/crypto/aead_id.hpp"

namespace gnomon::protocol {

inline constexpr std::size_t max_ke_request_size = 4096;    // RFC: at least 1024
inline constexpr std::size_t max_ke_response_size = 65536;  // RFC: should be at least that
inline constexpr std::uint16_t default_ntp_port = 123;
inline constexpr std::size_t cookies_wanted = 8;
inline constexpr std::size_t max_cookie_size = 256;

enum class KeErrorCode : std::uint16_t {
  unrecognized_critical_record = 0,
  bad_request = 1,
  internal_server_error = 2
};

// Grows as octets arrive: tells when a whole message (up to and including End of Message) is there.
enum class KeProgress : std::uint8_t { need_more, complete, too_long, malformed };
[[nodiscard]] KeProgress ke_progress(base::Bytes received, std::size_t limit);
// The same for one message again and again: so many of its octets are whole records that were looked at, 0 at
// first. A peer that sends octet by octet makes no more work than one that does not.
[[nodiscard]] KeProgress ke_progress(base::Bytes received, std::size_t limit, std::size_t& whole);

// --- client side
struct KeRequest {
  std::vector<std::uint16_t> aeads;  // preference order; record 1024 is added when 30 is among them
};
[[nodiscard]] base::Buffer encode(const KeRequest& request);

struct KeResponse {
  AeadId aead = AeadId::aes_siv_cmac_256;
  bool compliant_aes_128_gcm_siv = false;  // record 1024 came back
  std::vector<base::Buffer> cookies;       // 1..8, each 1..max_cookie_size octets and a multiple of 4
  std::string ntp_server;                  // empty: the KE server's own address
  std::optional<std::uint16_t> ntp_port;
};
enum class KeResponseError : std::uint8_t {
  truncated,
  error_record,
  warning_record,
  unknown_critical_record,
  bad_next_protocol,
  no_common_protocol,
  bad_aead,
  no_common_aead,
  aead_not_offered,
  no_cookie,
  bad_server,
  bad_port,
  bad_end,
  duplicate_record
};
struct KeResponseFailure {
  KeResponseError error{};
  std::optional<std::uint16_t> code;  // of an Error or Warning record
};
[[nodiscard]] std::expected<KeResponse, KeResponseFailure> parse_ke_response(base::Bytes message,
                                                                             const KeRequest& request);

// --- server side
struct KeOffer {  // a good request
  std::optional<AeadId>
      aead;           // first of the client's that we allow; nullopt: answer with an empty AEAD record
  bool ntpv4 = true;  // false: answer with an empty Next Protocol record
  bool compliant_aes_128_gcm_siv = false;
};
[[nodiscard]] std::expected<KeOffer, KeErrorCode> parse_ke_request(base::Bytes message,
                                                                   std::span<const AeadId> allowed);

struct KeAnswer {
  KeOffer offer;
  std::vector<base::Buffer> cookies;
  std::string ntp_server;                 // empty: no Server record
  std::optional<std::uint16_t> ntp_port;  // nullopt: no Port record (123)
};
[[nodiscard]] base::Buffer encode(const KeAnswer& answer);
[[nodiscard]] base::Buffer encode_ke_error(KeErrorCode code);

[[nodiscard]] std::string_view to_text(KeResponseError error);

}  // namespace gnomon::protocol
