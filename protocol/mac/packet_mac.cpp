// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/mac/packet_mac.hpp"

#include <algorithm>

#include "protocol/crypto/keyed_digest.hpp"

namespace gnomon::protocol {
namespace {

constexpr std::size_t least_digest_size = 16;
constexpr std::size_t longest_in_version_4 = 20;

std::size_t digest_size(KeyType type, std::uint8_t version) {
  const auto whole = traits(type).digest_size;
  return version == 4 ? std::min(whole, longest_in_version_4) : whole;
}

}  // namespace

bool is_cut_in_version_4(KeyType type) {
  return traits(type).digest_size > longest_in_version_4;
}

std::size_t append_mac(const SymmetricKey& key, std::uint8_t version, std::size_t size,
                       base::MutableBytes datagram) {
  if (size > datagram.size()) return 0;
  const auto digest = keyed_digest(key.type, key.octets.reveal(), datagram.first(size));
  base::ByteWriter writer{datagram.subspan(size)};
  writer.write(key.id);
  writer.write(base::Bytes{digest}.first(digest_size(key.type, version)));
  return writer.failed() ? 0 : size + writer.size();
}

std::optional<std::uint32_t> mac_key_id(const Packet& packet) {
  if (packet.trailer != TrailerKind::mac || packet.mac.size() < key_id_size + least_digest_size)
    return std::nullopt;
  return base::ByteReader{packet.mac}.read<std::uint32_t>();
}

bool is_mac_of(const SymmetricKey& key, const Packet& packet, base::Bytes datagram) {
  if (mac_key_id(packet) != key.id || packet.mac.size() > datagram.size()) return false;
  const auto digest =
      keyed_digest(key.type, key.octets.reveal(), datagram.first(datagram.size() - packet.mac.size()));
  return base::equal_constant_time(packet.mac.subspan(key_id_size),
                                   base::Bytes{digest}.first(digest_size(key.type, packet.header.version)));
}

}  // namespace gnomon::protocol
