// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/ntp/ptp_envelope.hpp"

#include <algorithm>

namespace gnomon::protocol {

namespace {

constexpr std::uint8_t sync = 0;
constexpr std::uint8_t delay_request = 1;
constexpr std::uint8_t version_2 = 0x02;
constexpr std::uint8_t version_2_1 = 0x12;
constexpr std::uint16_t unicast = 0x0400;
constexpr std::uint16_t not_forwarded = 0x0003;
constexpr std::uint16_t not_propagated = 0x8000;  // what version 2.1 calls it
constexpr std::uint16_t tlv_overhead = 8;         // organisation, subtype, padding
constexpr std::array<std::uint8_t, 6> iana_ntp{0x00, 0x00, 0x5e, 0x00, 0x00, 0x01};

struct EnvelopeHeader {
  std::uint8_t type = 0;
  std::uint8_t version = 0;
  std::uint16_t length = 0;
  std::uint8_t domain = 0;
  std::uint8_t sdo = 0;
  std::uint16_t flags = 0;
  std::int64_t correction = 0;
  std::uint16_t tlv_type = 0;
  std::uint16_t tlv_length = 0;
  base::Bytes organisation;
};

std::optional<EnvelopeHeader> read_header(base::Bytes datagram) {
  if (datagram.size() <= ptp_envelope_size) return std::nullopt;
  base::ByteReader in{datagram.first(ptp_envelope_size)};
  EnvelopeHeader h;
  h.type = in.read<std::uint8_t>().value_or(0);
  h.version = in.read<std::uint8_t>().value_or(0);
  h.length = in.read<std::uint16_t>().value_or(0);
  h.domain = in.read<std::uint8_t>().value_or(0);
  h.sdo = in.read<std::uint8_t>().value_or(0);
  h.flags = in.read<std::uint16_t>().value_or(0);
  h.correction = static_cast<std::int64_t>(in.read<std::uint64_t>().value_or(0));
  base::ByteReader tlv{datagram.subspan(44, 4)};
  h.tlv_type = tlv.read<std::uint16_t>().value_or(0);
  h.tlv_length = tlv.read<std::uint16_t>().value_or(0);
  h.organisation = datagram.subspan(48, iana_ntp.size());
  return h;
}

}  // namespace

std::optional<PtpOpened> open_ptp_envelope(base::Bytes datagram, std::uint8_t domain) {
  const auto h = read_header(datagram);
  if (!h) return std::nullopt;
  const bool version = h->version == version_2 || (h->version == version_2_1 && h->sdo == 0);
  const auto ntp = datagram.subspan(ptp_envelope_size);
  if ((h->type != sync && h->type != delay_request) || !version || h->length != datagram.size() ||
      h->domain != domain || h->flags != unicast ||
      (h->tlv_type != not_forwarded && h->tlv_type != not_propagated) ||
      h->tlv_length != tlv_overhead + ntp.size() || !std::ranges::equal(h->organisation, iana_ntp))
    return std::nullopt;
  return PtpOpened{ntp, base::Seconds{static_cast<double>(h->correction) / 65536.0 * 1e-9}};
}

std::array<std::uint8_t, ptp_envelope_size> ptp_envelope(base::Bytes ntp, std::uint8_t domain) {
  std::array<std::uint8_t, ptp_envelope_size> envelope{};
  const auto put = [&envelope](std::size_t at, std::uint16_t value) {
    envelope.at(at) = static_cast<std::uint8_t>(value >> 8U);
    envelope.at(at + 1) = static_cast<std::uint8_t>(value);
  };
  envelope[0] = delay_request;
  envelope[1] = version_2;
  put(2, static_cast<std::uint16_t>(ptp_envelope_size + ntp.size()));
  envelope[4] = domain;
  put(6, unicast);
  constexpr std::size_t transmit_end = 48;
  if (ntp.size() >= transmit_end) std::ranges::copy(ntp.subspan(transmit_end - 2, 2), envelope.begin() + 30);
  put(44, not_forwarded);
  put(46, static_cast<std::uint16_t>(tlv_overhead + ntp.size()));
  std::ranges::copy(iana_ntp, envelope.begin() + 48);
  return envelope;
}

}  // namespace gnomon::protocol
