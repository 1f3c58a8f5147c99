// SPDX-License-Identifier: GPL-2.0-or-later
// Key files out of any text: each key that is accepted makes MACs that it recognises, and each line that is
// not is named.
#include "protocol/crypto/keyed_digest.hpp"
#include "protocol/mac/packet_mac.hpp"
#include "protocol/mac/symmetric_key_file.hpp"
#include "tests/fuzz/require.hpp"

using namespace gnomon;
using namespace gnomon::protocol;

namespace {

void check_key(const SymmetricKey& key) {
  require(key.id > 0 && key.octets.size() > 0);
  for (const auto version : {std::uint8_t{3}, std::uint8_t{4}}) {
    std::array<std::uint8_t, header_size + max_mac_size> octets{};
    octets[0] = static_cast<std::uint8_t>((unsigned{version} << 3U) | 3U);
    const auto size = append_mac(key, version, header_size, octets);
    const auto datagram = base::Bytes{octets}.first(size);
    const auto packet = parse(datagram);
    require(packet && is_mac_of(key, *packet, datagram));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto file = parse_symmetric_keys(text, is_supported);
  std::size_t last = 0;
  for (const auto& complaint : file.complaints) {
    require(complaint.line > last && complaint.column > 0 && !complaint.text.empty());
    last = complaint.line;
  }
  for (std::uint32_t id = 1; id <= 32; ++id)
    if (const auto* const key = file.keys.find(id)) check_key(*key);
  return 0;
}
