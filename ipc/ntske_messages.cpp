// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/ntske_messages.hpp"

#include "ipc/codec_impl.hpp"
#include "ipc/resolve_messages.hpp"

namespace gnomon::ipc {

namespace {

using protocol::AeadId;

constexpr std::size_t most_cookies = 8;
constexpr std::size_t longest_cookie = 256;
constexpr std::size_t longest_name = 255;
constexpr std::size_t longest_detail = 200;
constexpr std::size_t most_aeads = 8;

// Stated here and not asked of protocol/crypto, so that a role that only speaks ipc links no cryptography.
constexpr std::size_t key_size(AeadId aead) {
  switch (aead) {
    case AeadId::aes_siv_cmac_256:
      return 32;
    case AeadId::aes_siv_cmac_512:
      return 64;
    case AeadId::aes_128_gcm_siv:
      return 16;
  }
  return 0;
}

std::optional<AeadId> known_aead(std::uint16_t number) {
  for (const auto aead : {AeadId::aes_siv_cmac_256, AeadId::aes_siv_cmac_512, AeadId::aes_128_gcm_siv})
    if (number == static_cast<std::uint16_t>(aead)) return aead;
  return std::nullopt;
}

// keys: aead u16 (15, 17 or 30) | c2s | s2c, each as long as that AEAD's key
void write_keys(base::ByteWriter& out, const protocol::SessionKeys& keys) {
  out.write(static_cast<std::uint16_t>(keys.aead));
  const auto size = key_size(keys.aead);
  if (keys.c2s.size() != size || keys.s2c.size() != size)
    out.reserve(SIZE_MAX);  // keys of another AEAD: fail
  out.write(keys.c2s.reveal());
  out.write(keys.s2c.reveal());
}
protocol::SessionKeys read_keys(FieldReader& in) {
  protocol::SessionKeys keys;
  const auto aead = known_aead(in.number<std::uint16_t>());
  in.require(aead.has_value());
  keys.aead = aead.value_or(AeadId::aes_siv_cmac_256);
  const auto size = key_size(keys.aead);
  keys.c2s = base::Secret{in.octets(size)};
  keys.s2c = base::Secret{in.octets(size)};
  return keys;
}

// cookies: count u8 | count x (u16 length, octets)
void write_cookies(base::ByteWriter& out, const std::vector<base::Buffer>& cookies) {
  out.write(static_cast<std::uint8_t>(cookies.size()));
  for (const auto& cookie : cookies) write_block(out, cookie);
}
std::vector<base::Buffer> read_cookies(FieldReader& in) {
  std::vector<base::Buffer> cookies;
  const auto count = in.number_in<std::uint8_t>(1, most_cookies);
  for (unsigned i = 0; i < count && !in.failed(); ++i) cookies.push_back(in.block(1, longest_cookie));
  return cookies;
}

// SealCookies: client (address 21, port u16) | count u8 | keys
void write_body(base::ByteWriter& out, const SealCookies& m) {
  write_endpoint(out, m.client);
  out.write(m.count);
  write_keys(out, m.keys);
}
SealCookies read_SealCookies(FieldReader& in) {
  SealCookies m;
  m.client = in.endpoint();
  m.count = in.number_in<std::uint8_t>(1, most_cookies);
  m.keys = read_keys(in);
  return m;
}

// SealedCookies: cookies
void write_body(base::ByteWriter& out, const SealedCookies& m) {
  write_cookies(out, m.cookies);
}
SealedCookies read_SealedCookies(FieldReader& in) {
  return {read_cookies(in)};
}

// SealRefused: empty
void write_body(base::ByteWriter&, const SealRefused&) {}
SealRefused read_SealRefused(FieldReader&) {
  return {};
}

// SessionsEnded: number u8 | number x (client (address 21, port u16) | how u8 | count u32)
void write_body(base::ByteWriter& out, const SessionsEnded& m) {
  out.write(static_cast<std::uint8_t>(m.sessions.size()));
  for (const auto& each : m.sessions) {
    write_endpoint(out, each.client);
    out.write(static_cast<std::uint8_t>(each.how));
    out.write(each.count);
  }
}
SessionsEnded read_SessionsEnded(FieldReader& in) {
  SessionsEnded m;
  const auto number = in.number_in<std::uint8_t>(1, SessionsEnded::most);
  for (unsigned i = 0; i < number && !in.failed(); ++i) {
    auto& each = m.sessions.emplace_back();
    each.client = in.endpoint();
    each.how = in.enumerator(SessionEnd::internal);
    each.count = in.number<std::uint32_t>();
  }
  return m;
}

// HostAddresses: host (u8 length, characters) | count u8 | count x (family u8 | octets 16 | scope u32)
void write_body(base::ByteWriter& out, const HostAddresses& m) {
  write_text(out, m.host);
  write_addresses(out, m.addresses);
}
HostAddresses read_HostAddresses(FieldReader& in) {
  HostAddresses m;
  m.host = in.text(1, longest_name, TextKind::name);
  m.addresses = in.addresses(max_resolved_addresses);
  return m;
}

// AddAccessRule: allow u8 | all u8 | address (family u8 | octets 16 | scope u32) | bits u8
void write_body(base::ByteWriter& out, const AddAccessRule& m) {
  write_flag(out, m.rule.allow);
  write_flag(out, m.rule.all);
  write_address(out, m.rule.subnet.address);
  out.write(m.rule.subnet.bits);
}
AddAccessRule read_AddAccessRule(FieldReader& in) {
  AddAccessRule m;
  m.rule.allow = in.flag();
  m.rule.all = in.flag();
  m.rule.subnet.address = in.address();
  const auto& address = m.rule.subnet.address;
  const int most = address.is_specified() ? base::address_bits(address.family) : 0;
  m.rule.subnet.bits = in.number_in<std::uint8_t>(0, static_cast<std::uint8_t>(most));
  return m;
}

// Establish: name (u8 length, characters) | server (address 21, port u16) | cert_set u32 | count u8 |
//            count x aead u16 | date_check u8 | verification_time i64 (ns since 1970)
void write_body(base::ByteWriter& out, const Establish& m) {
  write_text(out, m.name);
  write_endpoint(out, m.server);
  out.write(m.cert_set);
  out.write(static_cast<std::uint8_t>(m.aeads.size()));
  for (const auto aead : m.aeads) out.write(aead);
  out.write(static_cast<std::uint8_t>(m.date_check));
  write_signed(out, std::int64_t{m.verification_time.time_since_epoch().count()});
}
Establish read_Establish(FieldReader& in) {
  Establish m;
  m.name = in.text(1, longest_name, TextKind::name);
  m.server = in.endpoint();
  in.require(m.server.address.is_specified());
  m.cert_set = in.number<std::uint32_t>();
  const auto count = in.number_in<std::uint8_t>(1, most_aeads);
  for (unsigned i = 0; i < count && !in.failed(); ++i) m.aeads.push_back(in.number<std::uint16_t>());
  m.date_check = in.enumerator(protocol::DateCheck::ignore);
  m.verification_time = base::RealTime{base::Duration{in.signed_64()}};
  return m;
}

// Established: keys | has_compliant u8 | [keys] | cookies | ntp_server (u8 length, characters, may be empty)
// |
//              has_port u8 | [port u16]
void write_body(base::ByteWriter& out, const Established& m) {
  const auto& session = m.session;
  write_keys(out, session.keys);
  write_flag(out, session.compliant_keys.has_value());
  if (session.compliant_keys) write_keys(out, *session.compliant_keys);
  write_cookies(out, session.cookies);
  write_text(out, session.ntp_server);
  write_flag(out, session.ntp_port.has_value());
  if (session.ntp_port) out.write(*session.ntp_port);
}
Established read_Established(FieldReader& in) {
  Established m;
  auto& session = m.session;
  session.keys = read_keys(in);
  if (in.flag()) session.compliant_keys = read_keys(in);
  session.cookies = read_cookies(in);
  session.ntp_server = in.text(0, longest_name, TextKind::name);
  if (in.flag()) session.ntp_port = in.number<std::uint16_t>();
  return m;
}

// EstablishFailed: reason u8 | detail (u8 length, printable characters)
void write_body(base::ByteWriter& out, const EstablishFailed& m) {
  out.write(static_cast<std::uint8_t>(m.failure.reason));
  write_text(out, printable(m.failure.detail, longest_detail));
}
EstablishFailed read_EstablishFailed(FieldReader& in) {
  EstablishFailed m;
  m.failure.reason = in.enumerator(protocol::KeFailureReason::internal);
  m.failure.detail = in.text(0, longest_detail, TextKind::printable);
  return m;
}

}  // namespace

GNOMON_IPC_CODEC(SealCookies)
GNOMON_IPC_CODEC(SealedCookies)
GNOMON_IPC_CODEC(SealRefused)
GNOMON_IPC_CODEC(SessionsEnded)
GNOMON_IPC_CODEC(HostAddresses)
GNOMON_IPC_CODEC(AddAccessRule)
GNOMON_IPC_CODEC(Establish)
GNOMON_IPC_CODEC(Established)
GNOMON_IPC_CODEC(EstablishFailed)

}  // namespace gnomon::ipc
