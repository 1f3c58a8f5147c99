// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/session_fields.hpp"

#include <optional>

namespace gnomon::ipc {

namespace {

using protocol::AeadId;

constexpr std::size_t longest_cookie = 256;
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

}  // namespace

void write_establish(base::ByteWriter& out, const Establish& m) {
  write_text(out, m.name);
  write_endpoint(out, m.server);
  out.write(m.cert_set);
  out.write(static_cast<std::uint8_t>(m.aeads.size()));
  for (const auto aead : m.aeads) out.write(aead);
  out.write(static_cast<std::uint8_t>(m.date_check));
  write_signed(out, std::int64_t{m.verification_time.time_since_epoch().count()});
}
Establish read_establish(FieldReader& in) {
  Establish m;
  m.name = in.text(1, longest_host_name, TextKind::name);
  m.server = in.endpoint();
  in.require(m.server.address.is_specified());
  m.cert_set = in.number<std::uint32_t>();
  const auto count = in.number_in<std::uint8_t>(1, most_aeads);
  for (unsigned i = 0; i < count && !in.failed(); ++i) m.aeads.push_back(in.number<std::uint16_t>());
  m.date_check = in.enumerator(protocol::DateCheck::ignore);
  m.verification_time = base::RealTime{base::Duration{in.signed_64()}};
  return m;
}

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

void write_session(base::ByteWriter& out, const protocol::NtsSession& session) {
  write_keys(out, session.keys);
  write_flag(out, session.compliant_keys.has_value());
  if (session.compliant_keys) write_keys(out, *session.compliant_keys);
  write_cookies(out, session.cookies);
  write_text(out, session.ntp_server);
  write_flag(out, session.ntp_port.has_value());
  if (session.ntp_port) out.write(*session.ntp_port);
}

protocol::NtsSession read_session(FieldReader& in) {
  protocol::NtsSession session;
  session.keys = read_keys(in);
  if (in.flag()) session.compliant_keys = read_keys(in);
  session.cookies = read_cookies(in);
  session.ntp_server = in.text(0, longest_host_name, TextKind::name);
  if (in.flag()) session.ntp_port = in.number<std::uint16_t>();
  return session;
}

void write_failure(base::ByteWriter& out, const protocol::KeFailure& failure) {
  out.write(static_cast<std::uint8_t>(failure.reason));
  write_text(out, printable(failure.detail, longest_detail));
}

protocol::KeFailure read_failure(FieldReader& in) {
  protocol::KeFailure failure;
  failure.reason = in.enumerator(protocol::KeFailureReason::internal);
  failure.detail = in.text(0, longest_detail, TextKind::printable);
  return failure;
}

}  // namespace gnomon::ipc
