// SPDX-License-Identifier: GPL-2.0-or-later
// The client's half of NTS packet protection: requests out, responses in.
#include <algorithm>

#include "protocol/nts/authenticator.hpp"
#include "protocol/nts/protection.hpp"
#include "protocol/nts/records.hpp"

namespace gnomon::protocol {
namespace {

constexpr std::size_t packet_size_wanted =
    1232;  // 1280, the least MTU of IPv6, without its headers and UDP's

std::size_t padded_size(std::size_t body_size) {
  return std::max(min_field_size, base::round_up_to_4(field_header_size + body_size));
}

std::size_t request_size(std::size_t cookie_size, std::size_t placeholders, std::size_t nonce_size) {
  return header_size + padded_size(unique_identifier_size) + padded_size(cookie_size) * (1 + placeholders) +
         authenticator_size(nonce_size, 0);
}

// The fields that the tag covers: those before the authenticator.
struct ProtectedFields {
  std::span<const ExtensionField> covered;
  const ExtensionField* authenticator = nullptr;
};

ProtectedFields protected_fields(const Packet& packet) {
  const auto fields = packet.fields();
  const auto at = std::ranges::find_if(
      fields, [](const ExtensionField& field) { return is(field.type, FieldType::nts_authenticator); });
  const auto count = static_cast<std::size_t>(at - fields.begin());
  return {fields.first(count), at == fields.end() ? nullptr : &*at};
}

// Exactly one identifier, and it is ours.
std::optional<ResponseError> check_identifier(std::span<const ExtensionField> fields,
                                              const UniqueIdentifier& id) {
  const auto is_identifier = [](const ExtensionField& field) {
    return is(field.type, FieldType::unique_identifier);
  };
  const auto at = std::ranges::find_if(fields, is_identifier);
  if (at == fields.end()) return ResponseError::no_unique_identifier;
  if (std::ranges::count_if(fields, is_identifier) != 1 || !std::ranges::equal(at->body, id))
    return ResponseError::wrong_unique_identifier;
  return std::nullopt;
}

// False: a field that does not fit.
bool collect_cookies(base::Bytes plaintext, std::vector<base::Buffer>& cookies) {
  base::ByteReader reader{plaintext};
  while (!reader.empty()) {
    const auto field = read_inner_field(reader);
    if (!field) return false;
    const bool usable = is(field->type, FieldType::nts_cookie) && !field->body.empty() &&
                        field->body.size() <= max_cookie_size;
    if (usable && cookies.size() < cookies_wanted)
      cookies.emplace_back(field->body.begin(), field->body.end());
  }
  return true;
}

}  // namespace

std::size_t placeholders_for(std::size_t cookies_left_after_this, std::size_t cookie_size,
                             std::size_t extensions) {
  // The answer brings one cookie for the one that is spent, whatever we ask for.
  const std::size_t kept = std::min(cookies_left_after_this + 1, cookies_wanted);
  const std::size_t missing = cookies_wanted - kept;
  const std::size_t bare = request_size(cookie_size, 0, 16) + extensions;
  const std::size_t room = packet_size_wanted - std::min(packet_size_wanted, bare);
  return std::min(missing, room / padded_size(cookie_size));
}

base::Buffer protect_request(const Header& header, const UniqueIdentifier& id, base::Bytes cookie,
                             std::size_t placeholders, const Aead& c2s, const NonceEntropy& nonce,
                             const Extensions& extensions) {
  const std::size_t most = max_datagram_size / padded_size(cookie.size());
  if (placeholders > most) return {};
  const std::size_t size =
      request_size(cookie.size(), placeholders, traits(c2s.id()).nonce_size) + size_of(extensions);
  if (size > max_datagram_size) return {};
  base::Buffer packet(size);
  base::ByteWriter writer{packet};
  write_header(header, writer);
  write_extensions(extensions, writer);
  write_field(FieldType::unique_identifier, id, writer);
  write_field(FieldType::nts_cookie, cookie, writer);
  const base::Buffer zeros(cookie.size());
  for (std::size_t i = 0; i < placeholders; ++i)
    write_field(FieldType::nts_cookie_placeholder, zeros, writer);
  if (!write_authenticator(c2s, nonce, {}, 0, writer)) return {};
  return packet;
}

// The only maker of an AuthenticatedResponse.
struct ResponseVerifier {
  static std::expected<AuthenticatedResponse, ResponseError> verify(const Packet& packet,
                                                                    base::Bytes datagram,
                                                                    const UniqueIdentifier& id,
                                                                    const Aead& s2c) {
    const auto fields = protected_fields(packet);
    if (const auto error = check_identifier(fields.covered, id)) return std::unexpected(*error);
    if (fields.authenticator == nullptr) return std::unexpected(ResponseError::no_authenticator);
    const auto sealed = read_authenticator(fields.authenticator->body);
    if (!sealed) return std::unexpected(ResponseError::bad_authenticator);
    std::array<std::uint8_t, max_datagram_size> plaintext;
    const auto size =
        s2c.open(sealed->nonce, datagram.first(fields.authenticator->offset), sealed->ciphertext, plaintext);
    if (!size) return std::unexpected(ResponseError::not_authentic);
    AuthenticatedResponse response;
    response.header_ = packet.header;
    response.extensions_ = read_extensions(fields.covered);
    if (!collect_cookies(base::Bytes{plaintext}.first(*size), response.cookies_))
      return std::unexpected(ResponseError::bad_authenticator);
    return response;
  }
};

std::expected<AuthenticatedResponse, ResponseError> verify_response(const Packet& packet,
                                                                    base::Bytes datagram,
                                                                    const UniqueIdentifier& id,
                                                                    const Aead& s2c) {
  return ResponseVerifier::verify(packet, datagram, id, s2c);
}

bool is_nts_nak(const Packet& packet, const UniqueIdentifier& id) {
  return packet.header.mode == Mode::server && packet.header.stratum == 0 &&
         packet.header.reference_id == base::reference_id("NTSN") &&
         !check_identifier(protected_fields(packet).covered, id);
}

}  // namespace gnomon::protocol
