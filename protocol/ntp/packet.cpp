// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/ntp/packet.hpp"

#include <algorithm>
#include <limits>

namespace gnomon::protocol {
namespace {

constexpr std::size_t max_field_size = 65532;
constexpr std::size_t crypto_nak_size = 4;
constexpr std::size_t longest_mac = 24;  // key id and 20 octets; a final field has at least 28
constexpr std::size_t longest_old_mac =
    68;  // version 3: nothing else can follow, so a longer digest is clear

std::expected<void, PacketError> take_trailer(Packet& packet, base::Bytes rest) {
  if (rest.empty()) return {};
  if (rest.size() % 4 != 0) return std::unexpected(PacketError::bad_mac_length);
  packet.trailer = rest.size() == crypto_nak_size ? TrailerKind::crypto_nak : TrailerKind::mac;
  packet.mac = rest;
  return {};
}

std::expected<ExtensionField, PacketError> read_field(base::ByteReader& reader) {
  ExtensionField field;
  field.offset = reader.position();
  const auto type = reader.read<std::uint16_t>();
  const auto length = reader.read<std::uint16_t>();
  if (!type || !length || *length < min_field_size || *length % 4 != 0)
    return std::unexpected(PacketError::bad_extension_field);
  const auto body = reader.take(*length - field_header_size);
  if (!body) return std::unexpected(PacketError::bad_extension_field);
  field.type = *type;
  field.length = *length;
  field.body = *body;
  return field;
}

std::expected<void, PacketError> take_fields(Packet& packet, base::ByteReader& reader) {
  while (reader.remaining() > longest_mac) {
    if (packet.field_count == Packet::max_fields)
      return std::unexpected(PacketError::too_many_extension_fields);
    const auto field = read_field(reader);
    if (!field) return std::unexpected(field.error());
    packet.field_storage[packet.field_count++] = *field;
  }
  return {};
}

template <std::unsigned_integral T>
T next(base::ByteReader& reader) {
  return reader.read<T>().value_or(0);  // the caller has checked the size of the whole
}

std::expected<void, PacketError> take_all(Packet& packet, base::Bytes datagram) {
  if (datagram.size() > max_datagram_size) return std::unexpected(PacketError::too_long);
  const auto header = parse_header(datagram);
  if (!header) return std::unexpected(header.error());
  packet.header = *header;
  base::ByteReader reader{datagram};
  static_cast<void>(reader.take(header_size));
  const bool has_fields = header->version >= 4;
  if (has_fields) {
    if (const auto taken = take_fields(packet, reader); !taken) return taken;
  } else if (reader.remaining() > longest_old_mac) {
    return std::unexpected(PacketError::bad_mac_length);
  }
  return take_trailer(packet, datagram.subspan(reader.position()));
}

}  // namespace

// Flattened, and of a size that is known: one load for each number, without a check.
[[gnu::flatten]] std::expected<Header, PacketError> parse_header(base::Bytes datagram) {
  if (datagram.size() < header_size) return std::unexpected(PacketError::too_short);
  base::ByteReader reader{datagram.first<header_size>()};
  Header header;
  const auto first = next<std::uint8_t>(reader);
  header.leap = static_cast<base::LeapIndicator>(first >> 6U);
  header.version = (first >> 3U) & 7U;
  header.mode = static_cast<Mode>(first & 7U);
  header.stratum = next<std::uint8_t>(reader);
  header.poll = static_cast<std::int8_t>(next<std::uint8_t>(reader));
  header.precision = static_cast<std::int8_t>(next<std::uint8_t>(reader));
  header.root_delay = {next<std::uint32_t>(reader)};
  header.root_dispersion = {next<std::uint32_t>(reader)};
  header.reference_id = {next<std::uint32_t>(reader)};
  header.reference = {next<std::uint64_t>(reader)};
  header.origin = {next<std::uint64_t>(reader)};
  header.receive = {next<std::uint64_t>(reader)};
  header.transmit = {next<std::uint64_t>(reader)};
  return header;
}

// One result, made where the caller wants it: a packet is too large to be moved for nothing.
std::expected<Packet, PacketError> parse(base::Bytes datagram) {
  std::expected<Packet, PacketError> packet{std::in_place};
  if (const auto done = take_all(*packet, datagram); !done) packet = std::unexpected(done.error());
  return packet;
}

[[gnu::flatten]] void write_header(const Header& header, base::ByteWriter& into) {
  const auto octets = into.reserve(header_size);
  if (octets.size() != header_size) return;
  base::ByteWriter writer{octets.first<header_size>()};
  const unsigned leap = static_cast<unsigned>(header.leap) & 3U;
  const unsigned version = header.version & 7U;
  const unsigned mode = static_cast<unsigned>(header.mode) & 7U;
  writer.write(static_cast<std::uint8_t>((leap << 6U) | (version << 3U) | mode));
  writer.write(header.stratum);
  writer.write(static_cast<std::uint8_t>(header.poll));
  writer.write(static_cast<std::uint8_t>(header.precision));
  writer.write(header.root_delay.value);
  writer.write(header.root_dispersion.value);
  writer.write(header.reference_id.value);
  writer.write(header.reference.value);
  writer.write(header.origin.value);
  writer.write(header.receive.value);
  writer.write(header.transmit.value);
}

void write_field(FieldType type, base::Bytes body, base::ByteWriter& writer, std::size_t minimum) {
  const std::size_t length =
      std::max(base::round_up_to_4(field_header_size + body.size()), base::round_up_to_4(minimum));
  if (length > max_field_size) {
    writer.reserve(std::numeric_limits<std::size_t>::max());  // fails the writer: no such field exists
    return;
  }
  writer.write(static_cast<std::uint16_t>(type));
  writer.write(static_cast<std::uint16_t>(length));
  writer.write(body);
  writer.write_zeros(length - field_header_size - body.size());
}

}  // namespace gnomon::protocol
