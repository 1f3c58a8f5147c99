// SPDX-License-Identifier: GPL-2.0-or-later
// The 48-octet NTP header (RFC 5905 section 7.3) and what follows it: extension fields (RFC 7822) and a MAC.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>

#include "base/bytes.hpp"
#include "base/ntp_time.hpp"
#include "base/units.hpp"

namespace gnomon::protocol {

inline constexpr std::size_t header_size = 48;
inline constexpr std::size_t max_datagram_size = 2048;  // larger ones are dropped unread

enum class Mode : std::uint8_t {
  reserved = 0,
  symmetric_active = 1,
  symmetric_passive = 2,
  client = 3,
  server = 4,
  broadcast = 5,
  control = 6,
  private_use = 7
};

// Fields in wire order.
struct Header {
  base::LeapIndicator leap = base::LeapIndicator::none;
  std::uint8_t version = 4;  // 1..4 are answered; 3 bits on the wire
  Mode mode = Mode::client;
  std::uint8_t stratum = 0;
  std::int8_t poll = 0;
  std::int8_t precision = 0;
  base::ShortDuration root_delay;
  base::ShortDuration root_dispersion;
  base::ReferenceId reference_id;
  base::NtpTimestamp reference;
  base::NtpTimestamp origin;
  base::NtpTimestamp receive;
  base::NtpTimestamp transmit;
  friend bool operator==(const Header&, const Header&) = default;
};

enum class PacketError : std::uint8_t {
  too_short,
  too_long,
  bad_extension_field,
  too_many_extension_fields,
  bad_mac_length
};

enum class FieldType : std::uint16_t {
  unique_identifier = 0x0104,
  network_correction = 0x010a,
  nts_cookie = 0x0204,
  nts_cookie_placeholder = 0x0304,
  nts_authenticator = 0x0404,
  monotonic_root = 0xf323
};

inline constexpr std::size_t field_header_size = 4;  // octets: type and length
inline constexpr std::size_t min_field_size = 16;    // octets, header included (RFC 7822 section 3)

// One extension field inside a datagram; body is a view into it.
struct ExtensionField {
  std::uint16_t type = 0;
  std::size_t offset = 0;  // of the field's first octet in the datagram
  std::size_t length = 0;  // whole field, header and padding included
  base::Bytes body;
};

// What remains after the last field (ntp.md: "Telling a MAC from a field").
enum class TrailerKind : std::uint8_t { none, crypto_nak, mac };

// A parsed datagram: views into the caller's buffer, no allocation. At most 16 extension fields; more is an
// error.
struct Packet {
  static constexpr std::size_t max_fields = 16;
  Header header;
  std::array<ExtensionField, max_fields> field_storage;
  std::size_t field_count = 0;
  TrailerKind trailer = TrailerKind::none;
  base::Bytes mac;  // key id and digest
  [[nodiscard]] std::span<const ExtensionField> fields() const { return {field_storage.data(), field_count}; }
};

[[nodiscard]] std::expected<Header, PacketError> parse_header(base::Bytes datagram);
// Version 4: fields and MAC are told apart by length. Version 3 and older: no fields, all after the header is
// the MAC.
[[nodiscard]] std::expected<Packet, PacketError> parse(base::Bytes datagram);
void write_header(const Header& header, base::ByteWriter& writer);
// Writes type, length and body, zero-padded to a multiple of 4 and to at least `minimum` octets (16; last
// without MAC 28).
void write_field(FieldType type, base::Bytes body, base::ByteWriter& writer, std::size_t minimum = 16);

}  // namespace gnomon::protocol
