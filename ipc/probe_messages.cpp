// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/probe_messages.hpp"

#include "ipc/codec_impl.hpp"
#include "ipc/session_fields.hpp"

namespace gnomon::ipc {

namespace {

constexpr base::Duration hour = std::chrono::hours{1};
constexpr std::size_t longest_alternative = 253;
constexpr std::size_t longest_distrust = 200;

// Longer names are cut: the certificate is somebody else's.
void write_printable(base::ByteWriter& out, std::string_view text, std::size_t limit) {
  write_text(out, printable(text, limit));
}

// certificate: subject, issuer (u8 length, printable characters) | key u8 | key_bits u16 | not_before i64 |
//              not_after i64 (ns since 1970) | fingerprint 32
void write_certificate(base::ByteWriter& out, const SeenCertificate& c) {
  write_printable(out, c.subject, SeenCertificate::longest_name);
  write_printable(out, c.issuer, SeenCertificate::longest_name);
  out.write(static_cast<std::uint8_t>(c.key));
  out.write(c.key_bits);
  write_signed(out, std::int64_t{c.not_before.time_since_epoch().count()});
  write_signed(out, std::int64_t{c.not_after.time_since_epoch().count()});
  out.write(base::Bytes{c.fingerprint});
}
base::RealTime read_time(FieldReader& in) {
  return base::RealTime{base::Duration{in.signed_64()}};
}
SeenCertificate read_certificate(FieldReader& in) {
  SeenCertificate c;
  c.subject = in.text(0, SeenCertificate::longest_name, TextKind::printable);
  c.issuer = in.text(0, SeenCertificate::longest_name, TextKind::printable);
  c.key = in.enumerator(KeyKind::ed448);
  c.key_bits = in.number<std::uint16_t>();
  c.not_before = read_time(in);
  c.not_after = read_time(in);
  const auto octets = in.octets(c.fingerprint.size());
  for (std::size_t i = 0; i < octets.size(); ++i) c.fingerprint[i] = octets[i];
  return c;
}

// Inspect: establish
void write_body(base::ByteWriter& out, const Inspect& m) {
  write_establish(out, m.session);
}
Inspect read_Inspect(FieldReader& in) {
  return {read_establish(in)};
}

// Inspected: phase u8 | connected, shaken, finished i64 (ns) | tls_version, cipher, group (u8 length,
//            printable characters) | count u8 | count x certificate | further u16 | count u8 | count x name
//            (likewise) | further u16 | name_fits u8 | trusted u8 | distrust (likewise) | has_failure u8 |
//            [failure] | has_session u8 | [session]
void write_body(base::ByteWriter& out, const Inspected& m) {
  out.write(static_cast<std::uint8_t>(m.phase));
  for (const auto since : {m.connected, m.shaken, m.finished}) write_signed(out, std::int64_t{since.count()});
  for (const auto* word : {&m.tls_version, &m.cipher, &m.group})
    write_printable(out, *word, Inspected::longest_word);
  out.write(static_cast<std::uint8_t>(m.chain.size()));
  for (const auto& certificate : m.chain) write_certificate(out, certificate);
  out.write(m.further_certificates);
  out.write(static_cast<std::uint8_t>(m.names.size()));
  for (const auto& name : m.names) write_printable(out, name, longest_alternative);
  out.write(m.further_names);
  write_flag(out, m.name_fits);
  write_flag(out, m.trusted);
  write_printable(out, m.distrust, longest_distrust);
  write_flag(out, m.failure.has_value());
  if (m.failure) write_failure(out, *m.failure);
  write_flag(out, m.session.has_value());
  if (m.session) write_session(out, *m.session);
}
Inspected read_Inspected(FieldReader& in) {
  Inspected m;
  m.phase = in.enumerator(KePhase::finished);
  for (auto* since : {&m.connected, &m.shaken, &m.finished}) *since = in.duration_in({}, hour);
  for (auto* word : {&m.tls_version, &m.cipher, &m.group})
    *word = in.text(0, Inspected::longest_word, TextKind::printable);
  const auto certificates = in.number_in<std::uint8_t>(0, Inspected::most_certificates);
  for (unsigned i = 0; i < certificates && !in.failed(); ++i) m.chain.push_back(read_certificate(in));
  m.further_certificates = in.number<std::uint16_t>();
  const auto names = in.number_in<std::uint8_t>(0, Inspected::most_names);
  for (unsigned i = 0; i < names && !in.failed(); ++i)
    m.names.push_back(in.text(0, longest_alternative, TextKind::printable));
  m.further_names = in.number<std::uint16_t>();
  m.name_fits = in.flag();
  m.trusted = in.flag();
  m.distrust = in.text(0, longest_distrust, TextKind::printable);
  if (in.flag()) m.failure = read_failure(in);
  if (in.flag()) m.session = read_session(in);
  return m;
}

// ProbeKeys: session
void write_body(base::ByteWriter& out, const ProbeKeys& m) {
  write_session(out, m.session);
}
ProbeKeys read_ProbeKeys(FieldReader& in) {
  return {read_session(in)};
}

// ProbeExchange: server (address 21, port u16) | form u8 | port u8 | version u8 | size u16 | placeholders u8
// |
//                interleaved u8 | wait i64 (ns)
void write_body(base::ByteWriter& out, const ProbeExchange& m) {
  write_endpoint(out, m.server);
  out.write(static_cast<std::uint8_t>(m.form));
  out.write(static_cast<std::uint8_t>(m.port));
  out.write(m.version);
  out.write(m.size);
  out.write(m.placeholders);
  write_flag(out, m.interleaved);
  write_signed(out, std::int64_t{m.wait.count()});
}
base::Endpoint read_server(FieldReader& in) {
  const auto server = in.endpoint();
  in.require(server.address.is_specified() && server.port != 0);
  return server;
}
ProbeExchange read_ProbeExchange(FieldReader& in) {
  ProbeExchange m;
  m.server = read_server(in);
  m.form = in.enumerator(ProbeForm::nts);
  m.port = in.enumerator(ProbePort::same);
  m.version = in.number_in<std::uint8_t>(1, 4);
  m.size = in.number_in(least_padded_size, most_padded_size);
  in.require(m.size % 4 == 0);
  m.placeholders = in.number_in<std::uint8_t>(0, most_probe_placeholders);
  m.interleaved = in.flag();
  m.wait = in.duration_in({}, longest_probe_wait);
  return m;
}

// header: leap u8 | version u8 | stratum u8 | poll u8 | precision u8 | root_delay u32 | root_dispersion u32 |
//         reference_id u32 | reference u64 | receive u64 | transmit u64
void write_seen(base::ByteWriter& out, const SeenHeader& h) {
  out.write(static_cast<std::uint8_t>(h.leap));
  out.write(h.version);
  out.write(h.stratum);
  out.write(static_cast<std::uint8_t>(h.poll));
  out.write(static_cast<std::uint8_t>(h.precision));
  for (const auto number : {h.root_delay.value, h.root_dispersion.value, h.reference_id.value})
    out.write(number);
  for (const auto number : {h.reference.value, h.receive.value, h.transmit.value}) out.write(number);
}
SeenHeader read_seen(FieldReader& in) {
  SeenHeader h;
  h.leap = in.enumerator(base::LeapIndicator::unsynchronised);
  h.version = in.number_in<std::uint8_t>(0, 7);
  h.stratum = in.number<std::uint8_t>();
  h.poll = static_cast<std::int8_t>(in.number<std::uint8_t>());
  h.precision = static_cast<std::int8_t>(in.number<std::uint8_t>());
  for (auto* number : {&h.root_delay.value, &h.root_dispersion.value, &h.reference_id.value})
    *number = in.number<std::uint32_t>();
  for (auto* number : {&h.reference.value, &h.receive.value, &h.transmit.value})
    *number = in.number<std::uint64_t>();
  return h;
}

// ProbeAnswer: outcome u8 | error u32 | sent_size, received_size, malformed, of_others, unauthentic u16 |
//              sent, received i64 (ns since 1970) | interleaved u8 | cookies u8 | has_header u8 | [header]
void write_body(base::ByteWriter& out, const ProbeAnswer& m) {
  out.write(static_cast<std::uint8_t>(m.outcome));
  out.write(m.error);
  for (const auto number : {m.sent_size, m.received_size, m.malformed, m.of_others, m.unauthentic})
    out.write(number);
  for (const auto time : {m.sent, m.received})
    write_signed(out, std::int64_t{time.time_since_epoch().count()});
  write_flag(out, m.interleaved);
  out.write(m.cookies);
  write_flag(out, m.header.has_value());
  if (m.header) write_seen(out, *m.header);
}
ProbeAnswer read_ProbeAnswer(FieldReader& in) {
  ProbeAnswer m;
  m.outcome = in.enumerator(ProbeOutcome::impossible);
  m.error = in.number<std::uint32_t>();
  for (auto* number : {&m.sent_size, &m.received_size, &m.malformed, &m.of_others, &m.unauthentic})
    *number = in.number<std::uint16_t>();
  for (auto* time : {&m.sent, &m.received}) *time = read_time(in);
  m.interleaved = in.flag();
  m.cookies = in.number_in<std::uint8_t>(0, most_cookies);
  if (in.flag()) m.header = read_seen(in);
  const bool has_answer = m.outcome == ProbeOutcome::answered || m.outcome == ProbeOutcome::kiss;
  in.require(m.header.has_value() == has_answer);
  return m;
}

// ProbeBurst: server (address 21, port u16) | count u8 | spacing, wait i64 (ns)
void write_body(base::ByteWriter& out, const ProbeBurst& m) {
  write_endpoint(out, m.server);
  out.write(m.count);
  for (const auto time : {m.spacing, m.wait}) write_signed(out, std::int64_t{time.count()});
}
ProbeBurst read_ProbeBurst(FieldReader& in) {
  ProbeBurst m;
  m.server = read_server(in);
  m.count = in.number_in<std::uint8_t>(1, most_probe_burst);
  for (auto* time : {&m.spacing, &m.wait}) *time = in.duration_in({}, longest_probe_wait);
  return m;
}

// ProbeBurstAnswer: sent, answered, kisses u8 | code u32
void write_body(base::ByteWriter& out, const ProbeBurstAnswer& m) {
  for (const auto number : {m.sent, m.answered, m.kisses}) out.write(number);
  out.write(m.code.value);
}
ProbeBurstAnswer read_ProbeBurstAnswer(FieldReader& in) {
  ProbeBurstAnswer m;
  m.sent = in.number_in<std::uint8_t>(0, most_probe_burst);
  m.answered = in.number_in<std::uint8_t>(0, m.sent);
  m.kisses = in.number_in<std::uint8_t>(0, m.sent);
  m.code.value = in.number<std::uint32_t>();
  return m;
}

}  // namespace

GNOMON_IPC_CODEC(Inspect)
GNOMON_IPC_CODEC(Inspected)
GNOMON_IPC_CODEC(ProbeKeys)
GNOMON_IPC_CODEC(ProbeExchange)
GNOMON_IPC_CODEC(ProbeAnswer)
GNOMON_IPC_CODEC(ProbeBurst)
GNOMON_IPC_CODEC(ProbeBurstAnswer)

}  // namespace gnomon::ipc
