// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/serving/broadcast_packet.hpp"

#include <cmath>
#include <utility>

#include "base/bytes.hpp"
#include "daemon/core/engine/serving/clock_header.hpp"

namespace gnomon::engine {

BroadcastPacket broadcast_packet(const ServerView& view, base::RealTime now, base::Seconds interval) {
  protocol::Header header = served_header(view, now);
  header.mode = protocol::Mode::broadcast;
  header.poll = static_cast<std::int8_t>(std::lround(std::log2(interval.count())));
  header.transmit = std::exchange(header.receive, {});
  BroadcastPacket packet{};
  base::ByteWriter writer{packet};
  protocol::write_header(header, writer);
  return packet;
}

}  // namespace gnomon::engine
