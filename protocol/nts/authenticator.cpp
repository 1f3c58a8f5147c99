// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/nts/authenticator.hpp"

#include <algorithm>

namespace gnomon::protocol {
std::optional<Authenticator> read_authenticator(base::Bytes body) {
  base::ByteReader reader{body};
  const std::size_t nonce_size = reader.read<std::uint16_t>().value_or(0);
  const std::size_t ciphertext_size = reader.read<std::uint16_t>().value_or(0);
  if (nonce_size == 0 || ciphertext_size < aead_tag_size) return std::nullopt;
  const auto nonce = reader.take(base::round_up_to_4(nonce_size));
  const auto ciphertext = reader.take(base::round_up_to_4(ciphertext_size));
  if (!nonce || !ciphertext) return std::nullopt;
  return Authenticator{nonce->first(nonce_size), ciphertext->first(ciphertext_size)};
}

std::size_t authenticator_size(std::size_t nonce_size, std::size_t plaintext_size) {
  return field_header_size + lengths_size + base::round_up_to_4(nonce_size) +
         base::round_up_to_4(plaintext_size + aead_tag_size);
}

bool write_authenticator(const Aead& aead, const NonceEntropy& nonce, base::Bytes plaintext, std::size_t size,
                         base::ByteWriter& writer) {
  const auto used = base::Bytes{nonce}.first(traits(aead.id()).nonce_size);
  const std::size_t sealed_size = plaintext.size() + aead_tag_size;
  const std::size_t length = std::max(size, authenticator_size(used.size(), plaintext.size()));
  if (length > max_datagram_size || writer.failed()) return false;
  const auto associated = writer.written();
  writer.write(static_cast<std::uint16_t>(FieldType::nts_authenticator));
  writer.write(static_cast<std::uint16_t>(length));
  writer.write(static_cast<std::uint16_t>(used.size()));
  writer.write(static_cast<std::uint16_t>(sealed_size));
  writer.write(used);
  writer.write_zeros(base::round_up_to_4(used.size()) - used.size());
  const auto sealed = writer.reserve(sealed_size);
  writer.write_zeros(associated.size() + length - std::min(writer.size(), associated.size() + length));
  return !writer.failed() && aead.seal(used, associated, plaintext, sealed).has_value();
}

std::optional<InnerField> read_inner_field(base::ByteReader& reader) {
  const auto type = reader.read<std::uint16_t>();
  const auto length = reader.read<std::uint16_t>();
  if (!type || !length || *length < field_header_size || *length % 4 != 0) return std::nullopt;
  const auto body = reader.take(*length - field_header_size);
  if (!body) return std::nullopt;
  return InnerField{*type, *body};
}

}  // namespace gnomon::protocol
