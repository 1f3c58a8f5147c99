// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/nic_messages.hpp"

#include "ipc/codec_impl.hpp"

namespace gnomon::ipc {

namespace {

constexpr std::uint32_t greatest_index = 0x7fffffff;
constexpr std::size_t longest_interface_name = 15;
constexpr std::uint32_t greatest_speed = 10'000'000;  // Mbit/s

// OpenNics: empty
void write_body(base::ByteWriter&, const OpenNics&) {}
OpenNics read_OpenNics(FieldReader&) {
  return {};
}

// NicOpened: interface u32 | name text | line u16 | receives u8 | speed u32
void write_body(base::ByteWriter& out, const NicOpened& m) {
  out.write(m.interface);
  write_text(out, m.name);
  out.write(m.line);
  write_flag(out, m.receives);
  out.write(m.speed);
}
NicOpened read_NicOpened(FieldReader& in) {
  NicOpened m;
  m.interface = in.number_in<std::uint32_t>(1, greatest_index);
  m.name = in.text(1, longest_interface_name, TextKind::name);
  m.line = in.number<std::uint16_t>();
  m.receives = in.flag();
  m.speed = in.number_in<std::uint32_t>(0, greatest_speed);
  return m;
}

}  // namespace

GNOMON_IPC_CODEC(OpenNics)
GNOMON_IPC_CODEC(NicOpened)

}  // namespace gnomon::ipc
