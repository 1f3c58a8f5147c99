// SPDX-License-Identifier: GPL-2.0-or-later
// Answers that a domain controller signs ([MS-SNTP] section 2.2): a request in version 3 whose MAC has the
// number of a machine's account and zeros for a digest. Samba has the accounts' keys; its ntp_signd signs an
// answer that is sent to it over a Unix stream socket. No I/O.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>

#include "base/bytes.hpp"
#include "protocol/ntp/packet.hpp"

namespace gnomon::protocol {

// A machine's account in the domain: the number of its key in the packet, which stands there with its least
// octet first. Its highest bit asks for the account's previous password.
struct SigningAccount {
  std::uint32_t number = 0;
  [[nodiscard]] std::uint32_t relative_id() const { return number & 0x7fffffffU; }
  friend bool operator==(const SigningAccount&, const SigningAccount&) = default;
};

// For which account the request wants a signed answer; nullopt: it is no such request.
[[nodiscard]] std::optional<SigningAccount> signing_account(const Packet& packet);

// All numbers but the account are big-endian. length (4, of what follows) | version 0 (4) | operation 0, sign
// for a client (4) | packet id (2) | zero (2) | account (4) | answer (48)
inline constexpr std::size_t signd_request_size = 68;
using AnswerHeader = std::array<std::uint8_t, header_size>;
[[nodiscard]] std::array<std::uint8_t, signd_request_size> write_signd_request(std::uint16_t packet_id,
                                                                               SigningAccount account,
                                                                               const AnswerHeader& answer);

// length (4, of what follows) | version (4) | operation 3 for success (4) | packet id (4) | signed answer
inline constexpr std::size_t signd_length_size = 4;
inline constexpr std::size_t max_signd_reply = 4 + 12 + header_size + 72;
// How many octets follow the first four; nullopt: no reply is that long, or that short.
[[nodiscard]] std::optional<std::size_t> signd_reply_rest(base::Bytes length);

enum class SigndError : std::uint8_t { malformed, another_packet, refused };
// The signed answer, as a view into `rest`, which is what follows the length.
[[nodiscard]] std::expected<base::Bytes, SigndError> read_signd_reply(base::Bytes rest,
                                                                      std::uint16_t packet_id);

}  // namespace gnomon::protocol
