// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/certificate_messages.hpp"

#include <algorithm>

#include "ipc/codec_impl.hpp"

namespace gnomon::ipc {

namespace {

constexpr std::size_t longest_dns_name = 253;

// CertificateFacts: pair u16 | subject (u8 length, printable) | count u8 | count x name (u8 length,
// characters) |
//                   further_names u16 | key u8 | key_bits u16 | not_before i64 (ns since 1970) | not_after
//                   i64 | fingerprint (32 octets)
void write_body(base::ByteWriter& out, const CertificateFacts& m) {
  out.write(m.pair);
  write_text(out, printable(m.subject, CertificateFacts::longest_subject));
  out.write(static_cast<std::uint8_t>(m.names.size()));
  for (const auto& name : m.names) write_text(out, name);
  out.write(m.further_names);
  out.write(static_cast<std::uint8_t>(m.key));
  out.write(m.key_bits);
  write_signed(out, std::int64_t{m.not_before.time_since_epoch().count()});
  write_signed(out, std::int64_t{m.not_after.time_since_epoch().count()});
  out.write(base::Bytes{m.fingerprint});
}
CertificateFacts read_CertificateFacts(FieldReader& in) {
  CertificateFacts m;
  m.pair = in.number<std::uint16_t>();
  m.subject = in.text(0, CertificateFacts::longest_subject, TextKind::printable);
  const auto count = in.number_in<std::uint8_t>(0, CertificateFacts::most_names);
  for (unsigned i = 0; i < count && !in.failed(); ++i)
    m.names.push_back(in.text(1, longest_dns_name, TextKind::printable));
  m.further_names = in.number<std::uint16_t>();
  m.key = in.enumerator(KeyKind::ed448);
  m.key_bits = in.number<std::uint16_t>();
  m.not_before = base::RealTime{base::Duration{in.signed_64()}};
  m.not_after = base::RealTime{base::Duration{in.signed_64()}};
  std::ranges::copy(in.octets(m.fingerprint.size()), m.fingerprint.begin());
  return m;
}

// CertificatesUnusable, CertificatesRefused: reason (u8 length, printable characters)
void write_body(base::ByteWriter& out, const CertificatesUnusable& m) {
  write_text(out, printable(m.reason, CertificatesUnusable::longest_reason));
}
CertificatesUnusable read_CertificatesUnusable(FieldReader& in) {
  return {in.text(0, CertificatesUnusable::longest_reason, TextKind::printable)};
}

void write_body(base::ByteWriter& out, const CertificatesRefused& m) {
  write_text(out, printable(m.reason, CertificatesUnusable::longest_reason));
}
CertificatesRefused read_CertificatesRefused(FieldReader& in) {
  return {in.text(0, CertificatesUnusable::longest_reason, TextKind::printable)};
}

// Retire: empty
void write_body(base::ByteWriter&, const Retire&) {}
Retire read_Retire(FieldReader&) {
  return {};
}

}  // namespace

GNOMON_IPC_CODEC(CertificateFacts)
GNOMON_IPC_CODEC(CertificatesUnusable)
GNOMON_IPC_CODEC(CertificatesRefused)
GNOMON_IPC_CODEC(Retire)

}  // namespace gnomon::ipc
