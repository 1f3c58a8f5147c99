// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/ntske_messages.hpp"

#include "ipc/codec_impl.hpp"
#include "ipc/resolve_messages.hpp"
#include "ipc/session_fields.hpp"

namespace gnomon::ipc {

namespace {

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
  m.host = in.text(1, longest_host_name, TextKind::name);
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

// Establish: establish
void write_body(base::ByteWriter& out, const Establish& m) {
  write_establish(out, m);
}
Establish read_Establish(FieldReader& in) {
  return read_establish(in);
}

// Established: session
void write_body(base::ByteWriter& out, const Established& m) {
  write_session(out, m.session);
}
Established read_Established(FieldReader& in) {
  return {read_session(in)};
}

// EstablishFailed: failure
void write_body(base::ByteWriter& out, const EstablishFailed& m) {
  write_failure(out, m.failure);
}
EstablishFailed read_EstablishFailed(FieldReader& in) {
  return {read_failure(in)};
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
