// SPDX-License-Identifier: GPL-2.0-or-later
// Protected requests and responses out of any octets. The keys are fixed, so seeds that verify lead the
// fuzzer behind the tag; and what is answered is never longer than what was asked.
#include <algorithm>
#include <vector>

#include "protocol/nts/protection.hpp"
#include "tests/fuzz/require.hpp"

using namespace gnomon;
using namespace gnomon::protocol;

namespace {

Aead fixed_key(AeadId id) {
  std::array<std::uint8_t, 64> key{};
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i + 1);
  return std::move(Aead::make(id, base::Bytes{key}.first(traits(id).key_size)).value());
}

void answer(const NtsRequest& request, const Aead& s2c, std::size_t request_size) {
  require(request.placeholders <= max_placeholders);
  const std::vector<base::Bytes> cookies(1 + request.placeholders, request.cookie);
  std::array<std::uint8_t, max_datagram_size> out;
  const auto size = protect_response(Header{.mode = Mode::server, .stratum = 1}, request.unique_identifier,
                                     cookies, s2c, NonceEntropy{}, request_size, out);
  require(size <= request_size);
  if (size == 0) return;
  const auto response = base::Bytes{out}.first(size);
  const auto packet = parse(response);
  require(packet.has_value());
  if (request.unique_identifier.size() != unique_identifier_size) return;
  UniqueIdentifier id{};
  std::ranges::copy(request.unique_identifier, id.begin());
  require(verify_response(*packet, response, id, s2c).has_value());
}

void check_request(const Packet& packet, base::Bytes datagram, const Aead& aead) {
  auto request = read_nts_request(packet, datagram);
  if (!request) return;
  static_cast<void>(padding_suffices(*request, aead.id()));
  static_cast<void>(verify_request(*request, datagram, aead));
  answer(*request, aead, datagram.size());
  std::array<std::uint8_t, max_datagram_size> nak;
  const auto size = write_nak(packet.header, request->unique_identifier, nak);
  require(size <= datagram.size());
}

void check_response(const Packet& packet, base::Bytes datagram, const Aead& aead) {
  UniqueIdentifier id{};
  if (packet.field_count == 0) return;
  const auto body = packet.fields()[0].body;
  std::copy_n(body.begin(), std::min(body.size(), id.size()), id.begin());
  auto response = verify_response(packet, datagram, id, aead);
  if (response) require(response->cookies().size() <= 8);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes datagram{data, size};
  const auto packet = parse(datagram);
  if (!packet) return 0;
  for (const auto id : {AeadId::aes_siv_cmac_256, AeadId::aes_128_gcm_siv}) {
    const auto aead = fixed_key(id);
    check_request(*packet, datagram, aead);
    check_response(*packet, datagram, aead);
  }
  return 0;
}
