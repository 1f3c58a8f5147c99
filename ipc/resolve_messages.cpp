// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/resolve_messages.hpp"

#include "ipc/codec_impl.hpp"

namespace gnomon::ipc {

namespace {

// Resolve: name (u8 length, characters) | family u8 (0 any, 1 IPv4, 2 IPv6)
void write_body(base::ByteWriter& out, const Resolve& m) {
  write_text(out, m.name);
  out.write(static_cast<std::uint8_t>(m.family));
}
Resolve read_Resolve(FieldReader& in) {
  Resolve m;
  m.name = in.text(1, 255, TextKind::name);
  m.family = in.enumerator(base::AddressFamily::ipv6);
  return m;
}

// Resolved: count u8 | count x (family u8 | octets 16 | scope u32)
void write_body(base::ByteWriter& out, const Resolved& m) {
  write_addresses(out, m.addresses);
}
Resolved read_Resolved(FieldReader& in) {
  return {in.addresses(max_resolved_addresses)};
}

// ResolveFailed: error u8
void write_body(base::ByteWriter& out, const ResolveFailed& m) {
  out.write(static_cast<std::uint8_t>(m.error));
}
ResolveFailed read_ResolveFailed(FieldReader& in) {
  return {in.enumerator(ResolveError::failed)};
}

// NameFilesChanged: empty
void write_body(base::ByteWriter&, const NameFilesChanged&) {}
NameFilesChanged read_NameFilesChanged(FieldReader&) {
  return {};
}

}  // namespace

GNOMON_IPC_CODEC(Resolve)
GNOMON_IPC_CODEC(Resolved)
GNOMON_IPC_CODEC(ResolveFailed)
GNOMON_IPC_CODEC(NameFilesChanged)

}  // namespace gnomon::ipc
