// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/launcher_messages.hpp"

#include "ipc/codec_impl.hpp"

namespace gnomon::ipc {

namespace {

constexpr std::size_t longest_status = 200;
constexpr std::size_t longest_reason = 200;
constexpr std::size_t longest_file_name = 255;

// Ready, ReplaceKeServers, OpenSymmetricKeys, CycleLogFile, OpenNtpSockets, OpenPeerSockets, Stop, Reload,
// Ping, Alive, TrustChanged, KeySecretOpened, SymmetricKeysOpened: empty; with the last two may come one
// descriptor
void write_body(base::ByteWriter&, const Ready&) {}
void write_body(base::ByteWriter&, const ReplaceKeServers&) {}
void write_body(base::ByteWriter&, const OpenSymmetricKeys&) {}
void write_body(base::ByteWriter&, const OpenSigndSocket&) {}
void write_body(base::ByteWriter&, const CycleLogFile&) {}
void write_body(base::ByteWriter&, const OpenNtpSockets&) {}
void write_body(base::ByteWriter&, const OpenPeerSockets&) {}
void write_body(base::ByteWriter&, const SigndSocketOpened&) {}
void write_body(base::ByteWriter&, const Stop&) {}
void write_body(base::ByteWriter&, const Reload&) {}
void write_body(base::ByteWriter&, const Ping&) {}
void write_body(base::ByteWriter&, const TrustChanged&) {}
void write_body(base::ByteWriter&, const Alive&) {}
void write_body(base::ByteWriter&, const KeySecretOpened&) {}
void write_body(base::ByteWriter&, const SymmetricKeysOpened&) {}
Ready read_Ready(FieldReader&) {
  return {};
}
ReplaceKeServers read_ReplaceKeServers(FieldReader&) {
  return {};
}
OpenSymmetricKeys read_OpenSymmetricKeys(FieldReader&) {
  return {};
}
CycleLogFile read_CycleLogFile(FieldReader&) {
  return {};
}
OpenNtpSockets read_OpenNtpSockets(FieldReader&) {
  return {};
}
OpenPeerSockets read_OpenPeerSockets(FieldReader&) {
  return {};
}
OpenSigndSocket read_OpenSigndSocket(FieldReader&) {
  return {};
}
SigndSocketOpened read_SigndSocketOpened(FieldReader&) {
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
TrustChanged read_TrustChanged(FieldReader&) {
  return {};
}
KeySecretOpened read_KeySecretOpened(FieldReader&) {
  return {};
}
SymmetricKeysOpened read_SymmetricKeysOpened(FieldReader&) {
  return {};
}

// Status: synchronised u8 | text (u8 length, printable characters: a line break would be a command to
// systemd)
void write_body(base::ByteWriter& out, const Status& m) {
  write_flag(out, m.synchronised);
  write_text(out, printable(m.text, longest_status));
}
Status read_Status(FieldReader& in) {
  Status m;
  m.synchronised = in.flag();
  m.text = in.text(0, longest_status, TextKind::printable);
  return m;
}

// Finished: exit_status u8
void write_body(base::ByteWriter& out, const Finished& m) {
  out.write(m.exit_status);
}
Finished read_Finished(FieldReader& in) {
  return {in.number<std::uint8_t>()};
}

// MessageWritten: real time, monotonic time i64, in nanoseconds | fields (u16 length, octets)
void write_body(base::ByteWriter& out, const MessageWritten& m) {
  write_signed(out, m.at.real.time_since_epoch().count());
  write_signed(out, m.at.mono.time_since_epoch().count());
  write_block(out, m.fields);
}
MessageWritten read_MessageWritten(FieldReader& in) {
  MessageWritten m;
  m.at.real = base::RealTime{base::Duration{in.signed_64()}};
  m.at.mono = base::MonoTime{base::Duration{in.signed_64()}};
  m.fields = in.block(0, MessageWritten::most_octets);
  return m;
}

// RoleConnected: role u8 | index u8; one descriptor comes with the datagram
void write_body(base::ByteWriter& out, const RoleConnected& m) {
  out.write(static_cast<std::uint8_t>(m.role));
  out.write(m.index);
}
RoleConnected read_RoleConnected(FieldReader& in) {
  RoleConnected m;
  m.role = in.enumerator(Role::metrics);
  m.index = in.number<std::uint8_t>();
  in.require(m.index == 0 || m.role == Role::ke_server);
  return m;
}

// WantRole, ReleaseRole: role u8
void write_body(base::ByteWriter& out, const WantRole& m) {
  out.write(static_cast<std::uint8_t>(m.role));
}
WantRole read_WantRole(FieldReader& in) {
  const WantRole m{in.enumerator(Role::metrics)};
  in.require(is_on_demand(m.role));
  return m;
}
void write_body(base::ByteWriter& out, const ReleaseRole& m) {
  out.write(static_cast<std::uint8_t>(m.role));
}
ReleaseRole read_ReleaseRole(FieldReader& in) {
  const ReleaseRole m{in.enumerator(Role::metrics)};
  in.require(is_on_demand(m.role));
  return m;
}

// OpenFile: kind u8
void write_body(base::ByteWriter& out, const OpenFile& m) {
  out.write(static_cast<std::uint8_t>(m.kind));
}
OpenFile read_OpenFile(FieldReader& in) {
  return {in.enumerator(FileKind::temperature_points)};
}

// FileOpened: kind u8 | reason (u8 length, printable characters)
void write_body(base::ByteWriter& out, const FileOpened& m) {
  out.write(static_cast<std::uint8_t>(m.kind));
  write_text(out, printable(m.reason, longest_reason));
}
FileOpened read_FileOpened(FieldReader& in) {
  FileOpened m;
  m.kind = in.enumerator(FileKind::temperature_points);
  m.reason = in.text(0, longest_reason, TextKind::printable);
  return m;
}

// NtpSocketOpened, PeerSocketOpened: reason (u8 length, printable characters)
void write_body(base::ByteWriter& out, const NtpSocketOpened& m) {
  write_text(out, printable(m.reason, longest_reason));
}
NtpSocketOpened read_NtpSocketOpened(FieldReader& in) {
  return {in.text(0, longest_reason, TextKind::printable)};
}

void write_body(base::ByteWriter& out, const PeerSocketOpened& m) {
  write_text(out, printable(m.reason, longest_reason));
}
PeerSocketOpened read_PeerSocketOpened(FieldReader& in) {
  return {in.text(0, longest_reason, TextKind::printable)};
}

// SendMail: correction i64, ns
void write_body(base::ByteWriter& out, const SendMail& m) {
  out.write(static_cast<std::uint64_t>(m.correction.count()));
}
SendMail read_SendMail(FieldReader& in) {
  return {base::Duration{static_cast<std::int64_t>(in.number<std::uint64_t>())}};
}

// OpenSources: first u8
void write_body(base::ByteWriter& out, const OpenSources& m) {
  write_flag(out, m.first);
}
OpenSources read_OpenSources(FieldReader& in) {
  return {in.flag()};
}

// SourcesOpened: folder u16 | error u16 | name (u16 length, octets) | reason (u8 length, printable
// characters)
void write_body(base::ByteWriter& out, const SourcesOpened& m) {
  out.write(m.folder);
  out.write(m.error);
  write_block(out, base::as_bytes(m.name));
  write_text(out, printable(m.reason, longest_reason));
}
SourcesOpened read_SourcesOpened(FieldReader& in) {
  SourcesOpened m;
  m.folder = in.number<std::uint16_t>();
  m.error = in.number<std::uint16_t>();
  const auto name = in.block(0, longest_file_name);
  m.name.assign(name.begin(), name.end());
  m.reason = in.text(0, longest_reason, TextKind::printable);
  return m;
}

// SourcesEnd: empty
void write_body(base::ByteWriter&, const SourcesEnd&) {}
SourcesEnd read_SourcesEnd(FieldReader&) {
  return {};
}

}  // namespace

std::string_view log_name(FileKind kind) {
  switch (kind) {
    case FileKind::measurements_log:
      return "measurements";
    case FileKind::statistics_log:
      return "statistics";
    case FileKind::tracking_log:
      return "tracking";
    case FileKind::selection_log:
      return "selection";
    case FileKind::tempcomp_log:
      return "tempcomp";
    case FileKind::refclocks_log:
      return "refclocks";
    case FileKind::rtc_log:
      return "rtc";
    case FileKind::sensor:
    case FileKind::temperature_points:
      break;
  }
  return {};
}

GNOMON_IPC_CODEC(Ready)
GNOMON_IPC_CODEC(Status)
GNOMON_IPC_CODEC(Finished)
GNOMON_IPC_CODEC(ReplaceKeServers)
GNOMON_IPC_CODEC(OpenSymmetricKeys)
GNOMON_IPC_CODEC(OpenSigndSocket)
GNOMON_IPC_CODEC(CycleLogFile)
GNOMON_IPC_CODEC(OpenNtpSockets)
GNOMON_IPC_CODEC(NtpSocketOpened)
GNOMON_IPC_CODEC(OpenPeerSockets)
GNOMON_IPC_CODEC(PeerSocketOpened)
GNOMON_IPC_CODEC(SigndSocketOpened)
GNOMON_IPC_CODEC(Stop)
GNOMON_IPC_CODEC(Reload)
GNOMON_IPC_CODEC(Ping)
GNOMON_IPC_CODEC(Alive)
GNOMON_IPC_CODEC(KeySecretOpened)
GNOMON_IPC_CODEC(SymmetricKeysOpened)
GNOMON_IPC_CODEC(RoleConnected)
GNOMON_IPC_CODEC(WantRole)
GNOMON_IPC_CODEC(ReleaseRole)
GNOMON_IPC_CODEC(TrustChanged)
GNOMON_IPC_CODEC(MessageWritten)
GNOMON_IPC_CODEC(OpenFile)
GNOMON_IPC_CODEC(FileOpened)
GNOMON_IPC_CODEC(SendMail)
GNOMON_IPC_CODEC(OpenSources)
GNOMON_IPC_CODEC(SourcesOpened)
GNOMON_IPC_CODEC(SourcesEnd)

}  // namespace gnomon::ipc
