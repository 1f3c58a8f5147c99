// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/client_request.hpp"

#include <array>
#include <utility>

#include "daemon/core/engine/association/entropy.hpp"
#include "daemon/core/engine/values/packet_tests.hpp"
#include "protocol/mac/packet_mac.hpp"

namespace gnomon::engine {

namespace {

bool is_acted_on(base::ReferenceId code) {
  return code == kiss::rate || code == kiss::deny || code == kiss::rstr;
}

// What the header says by itself, whoever sent it.
Disposition disposition_of(const protocol::Header& header) {
  if (header.mode != protocol::Mode::server || header.version < 1 || header.version > 4)
    return Disposition::ignored;
  // The timestamps of a kiss carry nothing.
  if (header.stratum == 0 && is_acted_on(header.reference_id)) return Disposition::kiss;
  if (header.receive.is_zero() || header.transmit.is_zero()) return Disposition::ignored;
  return Disposition::answer;
}

ResponseCheck check_protected(const protocol::Packet& packet, base::Bytes datagram,
                              const ClientRequest& request, protocol::AnswerMode mode, const NtsClient& nts) {
  ResponseCheck check;
  if (packet.header.version != 4) return check;
  if (protocol::is_nts_nak(packet, request.identifier)) {
    check.disposition = Disposition::nak;
    return check;
  }
  auto proven = protocol::verify_response(packet, datagram, request.identifier, nts.s2c());
  if (!proven) return check;
  check.disposition = disposition_of(proven->header());
  check.mode = mode;
  check.header = proven->header();
  check.authenticated = true;
  check.cookies = std::move(proven->cookies());
  check.extensions = protocol::only(proven->extensions(), request.wished);
  return check;
}

ResponseCheck check_packet(const protocol::Packet& packet, base::Bytes datagram, const ClientRequest& request,
                           protocol::AnswerMode mode, const NtsClient* nts) {
  ResponseCheck check;
  if (request.nts) return nts != nullptr ? check_protected(packet, datagram, request, mode, *nts) : check;
  if (request.key) {
    if (!protocol::is_mac_of(*request.key, packet, datagram)) return check;
    check.authenticated = true;
  }
  check.disposition = disposition_of(packet.header);
  check.mode = mode;
  check.header = packet.header;
  check.extensions = protocol::only(protocol::read_extensions(packet.fields()), request.wished);
  return check;
}

}  // namespace

std::uint16_t content_tests(const protocol::Header& header, bool authentic) {
  std::uint16_t tests = 0;
  const auto pass = [&tests](bool passed, std::uint16_t test) {
    if (passed) tests = static_cast<std::uint16_t>(tests | test);
  };
  pass(!header.origin.is_zero() && !header.receive.is_zero() && !header.transmit.is_zero(),
       packet_test::timestamps);
  pass(authentic, packet_test::authentic);
  pass(header.leap != base::LeapIndicator::unsynchronised && base::Stratum{header.stratum}.usable(),
       packet_test::synchronised);
  pass(header.root_delay.seconds() / 2 + header.root_dispersion.seconds() < base::Seconds{16},
       packet_test::root_distance);
  return tests;
}

ClientRequest make_request(std::uint8_t version, base::PollExponent poll, NtsClient* nts,
                           base::NtpTimestamp origin, const StepEntropy& entropy,
                           const protocol::Extensions& wished) {
  ClientRequest request;
  protocol::Header& header = request.header;
  header.version = nts != nullptr ? 4 : version;
  header.poll = poll.value;
  header.transmit = transmit_of(entropy);
  header.origin = origin;
  // Only told apart from the transmit timestamp and sent back: as random as that.
  if (!origin.is_zero()) header.receive = receive_of(entropy);
  if (header.version == 4) request.wished = wished;
  const std::size_t fields = protocol::size_of(request.wished);
  if (nts == nullptr) {
    request.datagram.resize(protocol::header_size + fields);
    base::ByteWriter writer(request.datagram);
    protocol::write_header(header, writer);
    protocol::write_extensions(request.wished, writer);
    return request;
  }
  request.nts = true;
  request.identifier = identifier_of(entropy);
  const base::Buffer cookie = nts->take_cookie();
  request.datagram = protocol::protect_request(
      header, request.identifier, cookie, protocol::placeholders_for(nts->cookies(), cookie.size(), fields),
      nts->c2s(), nonce_of(entropy), request.wished);
  return request;
}

void add_mac(ClientRequest& request, std::shared_ptr<const protocol::SymmetricKey> key) {
  const auto size = request.datagram.size();
  request.datagram.resize(size + protocol::max_mac_size);
  request.datagram.resize(protocol::append_mac(*key, request.header.version, size, request.datagram));
  request.key = std::move(key);
}

ResponseCheck check_response(base::Bytes datagram, const ClientRequest& request, const NtsClient* nts) {
  const auto packet = protocol::parse(datagram);
  if (!packet) return {};
  const auto mode = protocol::mode_of_answer(request.header, packet->header);
  ResponseCheck check = mode ? check_packet(*packet, datagram, request, *mode, nts) : ResponseCheck{};
  check.claimed = packet->header;
  const bool authentic = check.authenticated || (!request.nts && !request.key);
  const auto origin = mode ? packet_test::origin_matches : std::uint16_t{0};
  check.tests = static_cast<std::uint16_t>(packet_test::not_duplicate | origin |
                                           content_tests(packet->header, authentic));
  return check;
}

}  // namespace gnomon::engine
