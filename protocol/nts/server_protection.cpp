// SPDX-License-Identifier: GPL-2.0-or-later
// The server's half of NTS packet protection: requests in, responses out. Allocates nothing.
#include <algorithm>

#include "protocol/nts/authenticator.hpp"
#include "protocol/nts/protection.hpp"

namespace gnomon::protocol {
namespace {

constexpr std::size_t max_nonce_padding = 16;  // N_REQ of the SIV-CMACs; AES-GCM-SIV's is its nonce

using RequestResult = std::expected<NtsRequest, NtsRequestError>;

bool is_nts(const ExtensionField& field) {
  return is(field.type, FieldType::nts_cookie) || is(field.type, FieldType::nts_cookie_placeholder) ||
         is(field.type, FieldType::nts_authenticator);
}

// The one field of this type; null when there is none or another one.
const ExtensionField* only(std::span<const ExtensionField> fields, FieldType type) {
  const ExtensionField* found = nullptr;
  for (const auto& field : fields) {
    if (!is(field.type, type)) continue;
    if (found != nullptr) return nullptr;
    found = &field;
  }
  return found;
}

// RFC 8915 5.6: a client must leave the room that the longest usual nonce would take.
bool leaves_room(const NtsRequest& request, std::size_t nonce_required) {
  const std::size_t nonce_room = std::max(base::round_up_to_4(request.nonce.size()), nonce_required);
  return lengths_size + nonce_room + base::round_up_to_4(request.ciphertext.size()) <=
         request.authenticator_body_size;
}

std::size_t count_placeholders(std::span<const ExtensionField> fields, std::size_t cookie_size) {
  return static_cast<std::size_t>(std::ranges::count_if(fields, [&](const ExtensionField& field) {
    return is(field.type, FieldType::nts_cookie_placeholder) && field.body.size() == cookie_size;
  }));
}

// Those inside the ciphertext. What follows a field that does not fit counts for nothing.
std::size_t count_inner_placeholders(base::Bytes plaintext, std::size_t cookie_size) {
  std::size_t count = 0;
  base::ByteReader reader{plaintext};
  while (const auto field = read_inner_field(reader))
    if (is(field->type, FieldType::nts_cookie_placeholder) && field->body.size() == cookie_size) ++count;
  return count;
}

}  // namespace

RequestResult read_nts_request(const Packet& packet, base::Bytes datagram) {
  if (std::ranges::none_of(packet.fields(), is_nts)) return std::unexpected(NtsRequestError::not_nts);
  const auto malformed = std::unexpected(NtsRequestError::malformed);
  if (packet.header.version != 4 || packet.header.mode != Mode::client) return malformed;
  const auto* const authenticator = only(packet.fields(), FieldType::nts_authenticator);
  if (authenticator == nullptr || authenticator->offset > datagram.size()) return malformed;
  const auto before = static_cast<std::size_t>(authenticator - packet.fields().data());
  const auto covered = packet.fields().first(before);
  const auto* const identifier = only(covered, FieldType::unique_identifier);
  const auto* const cookie = only(covered, FieldType::nts_cookie);
  const auto sealed = read_authenticator(authenticator->body);
  if (identifier == nullptr || identifier->body.size() < unique_identifier_size || cookie == nullptr ||
      !sealed)
    return malformed;
  NtsRequest request{
      .unique_identifier = identifier->body,
      .cookie = cookie->body,
      .placeholders = std::min(count_placeholders(covered, cookie->body.size()), max_placeholders),
      .authenticator_offset = authenticator->offset,
      .authenticator_body_size = authenticator->body.size(),
      .nonce = sealed->nonce,
      .ciphertext = sealed->ciphertext};
  // Only AES-GCM-SIV needs less than 16, and its nonce has 12; the rest is padding_suffices().
  const bool perhaps_gcm_siv = request.nonce.size() == traits(AeadId::aes_128_gcm_siv).nonce_size;
  if (!perhaps_gcm_siv && !leaves_room(request, max_nonce_padding)) return malformed;
  return request;
}

bool padding_suffices(const NtsRequest& request, AeadId aead) {
  return leaves_room(request, std::min(max_nonce_padding, traits(aead).nonce_size));
}

bool verify_request(NtsRequest& request, base::Bytes datagram, const Aead& c2s) {
  const auto associated = datagram.first(request.authenticator_offset);
  if (request.ciphertext.size() == aead_tag_size)  // nothing encrypted: the usual request
    return c2s.open(request.nonce, associated, request.ciphertext, {}).has_value();
  std::array<std::uint8_t, max_datagram_size> plaintext;
  const auto size = c2s.open(request.nonce, associated, request.ciphertext, plaintext);
  if (!size) return false;
  const auto inner = count_inner_placeholders(base::Bytes{plaintext}.first(*size), request.cookie.size());
  request.placeholders = std::min(request.placeholders + inner, max_placeholders);
  return true;
}

std::size_t protect_response(const Header& header, base::Bytes unique_identifier,
                             std::span<const base::Bytes> cookies, const Aead& s2c, const NonceEntropy& nonce,
                             std::size_t request_size, base::MutableBytes out, const Extensions& extensions) {
  std::array<std::uint8_t, max_datagram_size> fields;
  base::ByteWriter inner{fields};
  for (const auto& cookie : cookies) write_field(FieldType::nts_cookie, cookie, inner, 0);
  if (inner.failed()) return 0;
  base::ByteWriter writer{out.first(std::min(out.size(), request_size))};
  write_header(header, writer);
  write_extensions(extensions, writer);
  write_field(FieldType::unique_identifier, unique_identifier, writer);
  if (writer.failed()) return 0;
  // As long as the request: equal sizes take equal times in both directions.
  const std::size_t room = (std::min(out.size(), request_size) - writer.size()) & ~std::size_t{3};
  if (!write_authenticator(s2c, nonce, inner.written(), room, writer)) return 0;
  return writer.size();
}

std::size_t write_nak(const Header& request, base::Bytes unique_identifier, base::MutableBytes out) {
  Header header{.leap = base::LeapIndicator::unsynchronised,
                .version = request.version,
                .mode = Mode::server,
                .stratum = 0,
                .poll = request.poll,
                .precision = 0,
                .root_delay = {},
                .root_dispersion = {},
                .reference_id = base::reference_id("NTSN"),
                .reference = {},
                .origin = request.transmit,
                // Nothing reads these in a kiss, but clients first refuse what has zeros here.
                .receive = request.transmit,
                .transmit = request.transmit};
  base::ByteWriter writer{out};
  write_header(header, writer);
  write_field(FieldType::unique_identifier, unique_identifier, writer);
  return writer.failed() ? 0 : writer.size();
}

}  // namespace gnomon::protocol
