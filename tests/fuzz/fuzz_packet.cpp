// SPDX-License-Identifier: GPL-2.0-or-later
// A parsed datagram, written again from what the parser found, is the datagram.
#include <algorithm>

#include "protocol/ntp/extensions.hpp"
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

// What the fields say, written and read again, says the same.
void check_extensions(const Packet& packet) {
  const auto read = read_extensions(packet.fields());
  std::array<std::uint8_t, max_datagram_size> octets{};
  base::ByteWriter writer{octets};
  write_header(packet.header, writer);
  write_extensions(read, writer);
  require(!writer.failed() && writer.size() == header_size + size_of(read));
  if (packet.header.version < 4) return;
  const auto again = parse(writer.written());
  require(again && read_extensions(again->fields()).monotonic == read.monotonic);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes datagram{data, size};
  const auto packet = parse(datagram);
  if (!packet) return 0;
  check_round_trip(*packet, datagram);
  check_extensions(*packet);
  UniqueIdentifier id{};
  if (packet->field_count > 0) {
    const auto body = packet->fields()[0].body;
    std::copy_n(body.begin(), std::min(body.size(), id.size()), id.begin());
  }
  static_cast<void>(is_nts_nak(*packet, id));
  return 0;
}
