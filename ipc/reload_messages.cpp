// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/reload_messages.hpp"

#include "ipc/codec_impl.hpp"

namespace gnomon::ipc {

namespace {

// u16 length, octets as the file has them.
void write_octets(base::ByteWriter& out, std::string_view text, std::size_t longest) {
  write_block(out, base::as_bytes(text.substr(0, longest)));
}
std::string read_octets(FieldReader& in, std::size_t longest) {
  const auto octets = in.block(0, longest);
  return {octets.begin(), octets.end()};
}

// ReadConfiguration, NextConfigurationPart, UseConfiguration, ReloadEnd, ConfigurationUsed: empty
void write_body(base::ByteWriter&, const ReadConfiguration&) {}
void write_body(base::ByteWriter&, const NextConfigurationPart&) {}
void write_body(base::ByteWriter&, const UseConfiguration&) {}
void write_body(base::ByteWriter&, const ReloadEnd&) {}
void write_body(base::ByteWriter&, const ConfigurationUsed&) {}
ReadConfiguration read_ReadConfiguration(FieldReader&) {
  return {};
}
NextConfigurationPart read_NextConfigurationPart(FieldReader&) {
  return {};
}
UseConfiguration read_UseConfiguration(FieldReader&) {
  return {};
}
ReloadEnd read_ReloadEnd(FieldReader&) {
  return {};
}
ConfigurationUsed read_ConfigurationUsed(FieldReader&) {
  return {};
}

// ConfigurationError: line u32 | column u32 | file | message | text
void write_body(base::ByteWriter& out, const ConfigurationError& m) {
  out.write(m.line);
  out.write(m.column);
  write_octets(out, m.file, longest_configuration_text);
  write_octets(out, m.message, longest_configuration_text);
  write_octets(out, m.text, longest_configuration_line);
}
ConfigurationError read_ConfigurationError(FieldReader& in) {
  ConfigurationError m;
  m.line = in.number<std::uint32_t>();
  m.column = in.number<std::uint32_t>();
  m.file = read_octets(in, longest_configuration_text);
  m.message = read_octets(in, longest_configuration_text);
  m.text = read_octets(in, longest_configuration_line);
  return m;
}

// ConfigurationChange: kind u8 | needs_restart u8 | line u32 | file | directive | text | before | reason
void write_body(base::ByteWriter& out, const ConfigurationChange& m) {
  out.write(static_cast<std::uint8_t>(m.kind));
  write_flag(out, m.needs_restart);
  out.write(m.line);
  write_octets(out, m.file, longest_configuration_text);
  write_octets(out, m.directive, longest_configuration_text);
  write_octets(out, m.text, longest_configuration_line);
  write_octets(out, m.before, longest_configuration_line);
  write_octets(out, m.reason, longest_configuration_text);
}
ConfigurationChange read_ConfigurationChange(FieldReader& in) {
  ConfigurationChange m;
  m.kind = in.enumerator(ConfigurationChangeKind::changed);
  m.needs_restart = in.flag();
  m.line = in.number<std::uint32_t>();
  m.file = read_octets(in, longest_configuration_text);
  m.directive = read_octets(in, longest_configuration_text);
  m.text = read_octets(in, longest_configuration_line);
  m.before = read_octets(in, longest_configuration_line);
  m.reason = read_octets(in, longest_configuration_text);
  return m;
}

// ConfigurationLine: text
void write_body(base::ByteWriter& out, const ConfigurationLine& m) {
  write_octets(out, m.text, longest_configuration_line);
}
ConfigurationLine read_ConfigurationLine(FieldReader& in) {
  return {read_octets(in, longest_configuration_line)};
}

// ConfigurationEnd: usable u8
void write_body(base::ByteWriter& out, const ConfigurationEnd& m) {
  write_flag(out, m.usable);
}
ConfigurationEnd read_ConfigurationEnd(FieldReader& in) {
  return {in.flag()};
}

}  // namespace

GNOMON_IPC_CODEC(ReadConfiguration)
GNOMON_IPC_CODEC(NextConfigurationPart)
GNOMON_IPC_CODEC(UseConfiguration)
GNOMON_IPC_CODEC(ReloadEnd)
GNOMON_IPC_CODEC(ConfigurationError)
GNOMON_IPC_CODEC(ConfigurationChange)
GNOMON_IPC_CODEC(ConfigurationLine)
GNOMON_IPC_CODEC(ConfigurationEnd)
GNOMON_IPC_CODEC(ConfigurationUsed)

}  // namespace gnomon::ipc
