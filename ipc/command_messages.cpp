// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/command_messages.hpp"

#include "ipc/codec_impl.hpp"

namespace gnomon::ipc {

namespace {

// CommandRequest: user u32 | octets (u16 length, octets)
void write_body(base::ByteWriter& out, const CommandRequest& m) {
  out.write(m.user);
  write_block(out, m.octets);
}
CommandRequest read_CommandRequest(FieldReader& in) {
  CommandRequest m;
  m.user = in.number<std::uint32_t>();
  m.octets = in.block(0, longest_command);
  return m;
}

// CommandReply: octets (u16 length, octets)
void write_body(base::ByteWriter& out, const CommandReply& m) {
  write_block(out, m.octets);
}
CommandReply read_CommandReply(FieldReader& in) {
  return {in.block(0, longest_command)};
}

}  // namespace

GNOMON_IPC_CODEC(CommandRequest)
GNOMON_IPC_CODEC(CommandReply)

}  // namespace gnomon::ipc
