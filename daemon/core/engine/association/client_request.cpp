// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/client_request.hpp"

#include <array>
#include <utility>

#include "daemon/core/engine/association/entropy.hpp"

namespace gnomon::engine {

namespace {

bool is_acted_on(base::ReferenceId code) {
  return code == kiss_rate || code == kiss_deny || code == kiss_rstr;
}

// The header as NTP itself judges it, whoever sent it.
Disposition disposition_of(const protocol::Header& header) {
  if (header.mode != protocol::Mode::server || header.version < 1 || header.version > 4)
    return Disposition::ignored;
  // The timestamps of a kiss carry nothing.
  if (header.stratum == 0 && is_acted_on(header.reference_id)) return Disposition::kiss;
  if (header.receive.is_zero() || header.transmit.is_zero()) return Disposition::ignored;
  return Disposition::answer;
}

ResponseCheck judge_protected(const protocol::Packet& packet, base::Bytes datagram,
                              const ClientRequest& question, protocol::AnswerMode mode,
                              const NtsClient& nts) {
  ResponseCheck checked;
  if (packet.header.version != 4) return checked;
  if (protocol::is_nts_nak(packet, question.identifier)) {
    checked.disposition = Disposition::nak;
    return checked;
  }
  auto proven = protocol::verify_response(packet, datagram, question.identifier, nts.s2c());
  if (!proven) return checked;
  checked.disposition = disposition_of(proven->header());
  checked.mode = mode;
  checked.header = proven->header();
  checked.authenticated = true;
  checked.cookies = std::move(proven->cookies());
  return checked;
}

}  // namespace

ClientRequest make_request(std::uint8_t version, base::PollExponent poll, NtsClient* nts,
                           base::NtpTimestamp origin, const StepEntropy& entropy) {
  ClientRequest question;
  protocol::Header& header = question.header;
  header.version = nts != nullptr ? 4 : version;
  header.poll = poll.value;
  header.transmit = transmit_of(entropy);
  header.origin = origin;
  // Only told apart from the transmit timestamp and sent back: as random as that.
  if (!origin.is_zero()) header.receive = receive_of(entropy);
  if (nts == nullptr) {
    std::array<std::uint8_t, protocol::header_size> octets{};
    base::ByteWriter writer(octets);
    protocol::write_header(header, writer);
    question.datagram.assign(octets.begin(), octets.end());
    return question;
  }
  question.nts = true;
  question.identifier = identifier_of(entropy);
  const base::Buffer cookie = nts->take_cookie();
  question.datagram = protocol::protect_request(header, question.identifier, cookie,
                                                protocol::placeholders_for(nts->cookies(), cookie.size()),
                                                nts->c2s(), nonce_of(entropy));
  return question;
}

ResponseCheck judge(base::Bytes datagram, const ClientRequest& question, const NtsClient* nts) {
  ResponseCheck checked;
  const auto packet = protocol::parse(datagram);
  if (!packet) return checked;
  const auto mode = protocol::mode_of_answer(question.header, packet->header);
  if (!mode) return checked;
  if (question.nts)
    return nts != nullptr ? judge_protected(*packet, datagram, question, *mode, *nts) : checked;
  checked.disposition = disposition_of(packet->header);
  checked.mode = *mode;
  checked.header = packet->header;
  return checked;
}

}  // namespace gnomon::engine
