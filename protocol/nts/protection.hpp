// SPDX-License-Identifier: GPL-2.0-or-later
// NTS protection of NTP packets (RFC 8915 section 5): building and checking requests and responses. No I/O,
// no entropy: random octets come in as arguments.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "protocol/crypto/aead.hpp"
#include "protocol/ntp/extensions.hpp"
#include "protocol/ntp/packet.hpp"

namespace gnomon::protocol {

inline constexpr std::size_t unique_identifier_size = 32;
inline constexpr std::size_t max_placeholders = 7;  // with the cookie itself: eight
using UniqueIdentifier = std::array<std::uint8_t, unique_identifier_size>;
using NonceEntropy = std::array<std::uint8_t, 16>;  // as many octets of it are used as the AEAD's nonce has

// --- client
// How many placeholders to send so that the jar comes back to eight (0..7), keeping the packet near 1280
// octets. extensions: octets of other fields in it.
[[nodiscard]] std::size_t placeholders_for(std::size_t cookies_left_after_this, std::size_t cookie_size,
                                           std::size_t extensions = 0);
// Header, extensions, Unique Identifier, cookie, placeholders, authenticator with an empty plaintext. Empty
// on overflow of 2048 octets.
[[nodiscard]] base::Buffer protect_request(const Header& header, const UniqueIdentifier& id,
                                           base::Bytes cookie, std::size_t placeholders, const Aead& c2s,
                                           const NonceEntropy& nonce, const Extensions& extensions = {});

// An answer proven to come from the holder of S2C. Made by verify_response() only.
class AuthenticatedResponse {
 public:
  [[nodiscard]] const Header& header() const { return header_; }
  // Those that the tag covers.
  [[nodiscard]] const Extensions& extensions() const { return extensions_; }
  [[nodiscard]] std::vector<base::Buffer>& cookies() { return cookies_; }

 private:
  friend struct ResponseVerifier;
  AuthenticatedResponse() = default;
  Header header_;
  Extensions extensions_;
  std::vector<base::Buffer> cookies_;
};
enum class ResponseError : std::uint8_t {
  no_unique_identifier,
  wrong_unique_identifier,
  no_authenticator,
  bad_authenticator,
  not_authentic
};
// Packet and datagram belong together. Checks the identifier, then the tag; header rules (origin, stratum)
// are the caller's.
[[nodiscard]] std::expected<AuthenticatedResponse, ResponseError> verify_response(const Packet& packet,
                                                                                  base::Bytes datagram,
                                                                                  const UniqueIdentifier& id,
                                                                                  const Aead& s2c);
// Stratum 0, "NTSN", matching identifier; unauthenticated by nature (RFC 8915 5.7).
[[nodiscard]] bool is_nts_nak(const Packet& packet, const UniqueIdentifier& id);

// --- server
// What a protected request holds, as views into the datagram. Exactly one identifier, one cookie, one
// authenticator.
struct NtsRequest {
  base::Bytes unique_identifier;
  base::Bytes cookie;
  std::size_t placeholders =
      0;  // valid ones: body as long as the cookie's, before the authenticator or inside it
  std::size_t authenticator_offset = 0;
  std::size_t authenticator_body_size = 0;
  base::Bytes nonce;
  base::Bytes ciphertext;
};
enum class NtsRequestError : std::uint8_t {
  not_nts,
  malformed
};  // not_nts: no NTS field but perhaps an identifier; malformed: discard
[[nodiscard]] std::expected<NtsRequest, NtsRequestError> read_nts_request(const Packet& packet,
                                                                          base::Bytes datagram);
// The padding rule that depends on the AEAD, known once the cookie is open (RFC 8915 section 5.6). False:
// discard the request, without a NAK.
[[nodiscard]] bool padding_suffices(const NtsRequest& request, AeadId aead);
// Checks the tag under C2S; on success counts placeholders found inside the ciphertext too. False: answer
// with a NAK.
[[nodiscard]] bool verify_request(NtsRequest& request, base::Bytes datagram, const Aead& c2s);

// Writes header, extensions, identifier and authenticator with the cookies encrypted; padded to no more than
// `request_size`. Returns the size, 0 when it cannot be done within request_size. No allocation.
[[nodiscard]] std::size_t protect_response(const Header& header, base::Bytes unique_identifier,
                                           std::span<const base::Bytes> cookies, const Aead& s2c,
                                           const NonceEntropy& nonce, std::size_t request_size,
                                           base::MutableBytes out, const Extensions& extensions = {});
// Kiss-o'-death NTSN (RFC 8915 section 5.7) for this request: a header of stratum 0 and the identifier
// echoed. Returns the size.
[[nodiscard]] std::size_t write_nak(const Header& request, base::Bytes unique_identifier,
                                    base::MutableBytes out);

}  // namespace gnomon::protocol
