// SPDX-License-Identifier: GPL-2.0-or-later
// NTP over PTP: an NTP packet in an organisation's TLV of a PTP event message (IEEE 1588-2019 clause 14.3),
// as chrony sends it, so that cards which timestamp only PTP timestamp it and transparent clocks measure how
// long they held it.
//   octet 0       0x01: Delay_Req, no profile
//   octet 1       version 2
//   octets 2-3    length of the whole message
//   octet 4       domain
//   octet 5       0
//   octets 6-7    flags: unicast, 0x0400
//   octets 8-15   correction, units of 2^-16 ns: added up on the way
//   octets 16-43  0, but for the sequence number (30-31): the lowest bits of the transmit timestamp
//   octets 44-45  TLV type: organisation extension, not to be forwarded by boundary clocks, 0x0003
//   octets 46-47  TLV length: 8 + that of the NTP packet
//   octets 48-53  organisation 00-00-5E (IANA), subtype 00-00-01
//   octets 54-55  0
//   octets 56-    the NTP packet
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace gnomon::protocol {

inline constexpr std::size_t ptp_envelope_size = 56;

struct PtpOpened {
  base::Bytes ntp;             // a view into the datagram
  base::Seconds correction{};  // +-140737 s; whoever sent or forwarded it says so, and nobody vouches for it
};
// nullopt: not such a message, or of another domain. A Sync message and version 2.1 are taken as well.
[[nodiscard]] std::optional<PtpOpened> open_ptp_envelope(base::Bytes datagram, std::uint8_t domain);
// What is to stand before that NTP packet.
[[nodiscard]] std::array<std::uint8_t, ptp_envelope_size> ptp_envelope(base::Bytes ntp, std::uint8_t domain);

}  // namespace gnomon::protocol
