// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/launcher_messages.hpp"

#include "ipc/codec_impl.hpp"

namespace gnomon::ipc {

namespace {

constexpr std::size_t longest_status = 200;

// Ready, ReplaceKeServers, Stop, Reload, Ping, Alive, KeySecretOpened: empty; with the last comes one
// descriptor
void write_body(base::ByteWriter&, const Ready&) {}
void write_body(base::ByteWriter&, const ReplaceKeServers&) {}
void write_body(base::ByteWriter&, const Stop&) {}
void write_body(base::ByteWriter&, const Reload&) {}
void write_body(base::ByteWriter&, const Ping&) {}
void write_body(base::ByteWriter&, const Alive&) {}
void write_body(base::ByteWriter&, const KeySecretOpened&) {}
Ready read_Ready(FieldReader&) {
  return {};
}
ReplaceKeServers read_ReplaceKeServers(FieldReader&) {
  return {};
}
Stop read_Stop(FieldReader&) {
  return {};
}
Reload read_Reload(FieldReader&) {
  return {};
}
Ping read_Ping(FieldReader&) {
  return {};
}
Alive read_Alive(FieldReader&) {
  return {};
}
KeySecretOpened read_KeySecretOpened(FieldReader&) {
  return {};
}

// Status: text (u8 length, printable characters: a line break would be a command to systemd)
void write_body(base::ByteWriter& out, const Status& m) {
  write_text(out, printable(m.text, longest_status));
}
Status read_Status(FieldReader& in) {
  return {in.text(0, longest_status, TextKind::printable)};
}

// Finished: exit_status u8
void write_body(base::ByteWriter& out, const Finished& m) {
  out.write(m.exit_status);
}
Finished read_Finished(FieldReader& in) {
  return {in.number<std::uint8_t>()};
}

// RoleConnected: role u8 | index u8; one descriptor comes with the datagram
void write_body(base::ByteWriter& out, const RoleConnected& m) {
  out.write(static_cast<std::uint8_t>(m.role));
  out.write(m.index);
}
RoleConnected read_RoleConnected(FieldReader& in) {
  RoleConnected m;
  m.role = in.enumerator(Role::resolve);
  m.index = in.number<std::uint8_t>();
  in.require(m.index == 0 || m.role == Role::ke_server);
  return m;
}

}  // namespace

GNOMON_IPC_CODEC(Ready)
GNOMON_IPC_CODEC(Status)
GNOMON_IPC_CODEC(Finished)
GNOMON_IPC_CODEC(ReplaceKeServers)
GNOMON_IPC_CODEC(Stop)
GNOMON_IPC_CODEC(Reload)
GNOMON_IPC_CODEC(Ping)
GNOMON_IPC_CODEC(Alive)
GNOMON_IPC_CODEC(KeySecretOpened)
GNOMON_IPC_CODEC(RoleConnected)

}  // namespace gnomon::ipc
