// SPDX-License-Identifier: GPL-2.0-or-later
// Whatever comes to the command sockets: a reply is never longer than its request, repeats its sequence, and
// who may only look changes nothing.
#include "daemon/core/cmdmon/answer.hpp"
#include "protocol/cmdmon/request.hpp"
#include "tests/fuzz/quiet_daemon.hpp"
#include "tests/fuzz/require.hpp"

using namespace gnomon;
using namespace gnomon::core::cmdmon;

namespace {

void check(base::Bytes datagram, Right right) {
  const auto header = wire::read_header(datagram);
  if (!header) return;
  testing::QuietDaemon daemon;
  SourceMemory memory{daemon, [] { return base::MonoTime{}; }};
  Services services{daemon, memory};
  const auto made = answer(*header, datagram, right, OpenCommands{}, services);
  require(made.reply.size() <= datagram.size());
  require(right == Right::everything || !made.shut_down);
  if (made.reply.empty()) return;
  base::ByteReader reader{base::Bytes{made.reply}.subspan(16)};
  require(reader.read<std::uint32_t>() == header->sequence);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes datagram{data, size};
  check(datagram, Right::everything);
  check(datagram, Right::open_commands);
  return 0;
}
