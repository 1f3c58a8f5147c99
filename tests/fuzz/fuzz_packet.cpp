// SPDX-License-Identifier: GPL-2.0-or-later
// A parsed datagram, written again from what the parser found, is the datagram.
#include <algorithm>

#include "protocol/ntp/packet.hpp"
#include "protocol/nts/protection.hpp"
#include "tests/fuzz/require.hpp"

using namespace gnomon;
using namespace gnomon::protocol;

namespace {

void check_round_trip(const Packet& packet, base::Bytes datagram) {
  std::array<std::uint8_t, max_datagram_size> octets{};
  base::ByteWriter writer{octets};
  write_header(packet.header, writer);
  for (const auto& field : packet.fields()) {
    require(field.offset == writer.size() && field.length == field.body.size() + 4);
    write_field(static_cast<FieldType>(field.type), field.body, writer);
  }
  writer.write(packet.mac);
  require(!writer.failed() && std::ranges::equal(writer.written(), datagram));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes datagram{data, size};
  const auto packet = parse(datagram);
  if (!packet) return 0;
  check_round_trip(*packet, datagram);
  UniqueIdentifier id{};
  if (packet->field_count > 0) {
    const auto body = packet->fields()[0].body;
    std::copy_n(body.begin(), std::min(body.size(), id.size()), id.begin());
  }
  static_cast<void>(is_nts_nak(*packet, id));
  return 0;
}
