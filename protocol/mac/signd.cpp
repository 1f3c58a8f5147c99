// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/mac/signd.hpp"

#include <algorithm>
#include <bit>

#include "protocol/mac/packet_mac.hpp"

namespace gnomon::protocol {
namespace {

constexpr std::size_t signd_mac_size = key_id_size + 16;
constexpr std::size_t reply_head = 12;  // version, operation, packet id
constexpr std::uint32_t signing_success = 3;

}  // namespace

std::optional<SigningAccount> signing_account(const Packet& packet) {
  if (packet.header.version != 3 || packet.mac.size() != signd_mac_size) return std::nullopt;
  const bool unsigned_yet =
      std::ranges::all_of(packet.mac.subspan(key_id_size), [](auto octet) { return octet == 0; });
  const auto account = base::ByteReader{packet.mac}.read<std::uint32_t>();
  if (!unsigned_yet || !account || *account == 0) return std::nullopt;
  return SigningAccount{std::byteswap(*account)};
}

std::array<std::uint8_t, signd_request_size> write_signd_request(std::uint16_t packet_id,
                                                                 SigningAccount account,
                                                                 const AnswerHeader& answer) {
  std::array<std::uint8_t, signd_request_size> request{};
  base::ByteWriter writer{request};
  writer.write(std::uint32_t{signd_request_size - signd_length_size});
  writer.write(std::uint32_t{0});
  writer.write(std::uint32_t{0});
  writer.write(packet_id);
  writer.write(std::uint16_t{0});
  writer.write(std::byteswap(account.number));
  writer.write(base::Bytes{answer});
  return request;
}

std::optional<std::size_t> signd_reply_rest(base::Bytes length) {
  const auto rest = base::ByteReader{length}.read<std::uint32_t>();
  if (!rest || *rest < reply_head || *rest > max_signd_reply - signd_length_size) return std::nullopt;
  return *rest;
}

std::expected<base::Bytes, SigndError> read_signd_reply(base::Bytes rest, std::uint16_t packet_id) {
  base::ByteReader reader{rest};
  const auto version = reader.read<std::uint32_t>();
  const auto operation = reader.read<std::uint32_t>();
  const auto id = reader.read<std::uint32_t>();
  if (!version || !operation || !id) return std::unexpected(SigndError::malformed);
  if (*id != packet_id) return std::unexpected(SigndError::another_packet);
  if (*operation != signing_success) return std::unexpected(SigndError::refused);
  const auto answer = rest.subspan(reader.position());
  if (answer.size() < header_size + signd_mac_size) return std::unexpected(SigndError::malformed);
  return answer;
}

}  // namespace gnomon::protocol
