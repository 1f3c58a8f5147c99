// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/probe/prober.hpp"

#include <algorithm>
#include <utility>

#include "protocol/ntp/interleaved.hpp"

namespace gnomon::probe {
namespace {

constexpr std::size_t most_cookies_kept = 16;

// Of the range for experiments (RFC 9748 section 7.1): servers pass over what they do not know. One of NTS
// without the others would not be answered.
constexpr auto experimental = static_cast<protocol::FieldType>(0xf5ff);

base::Buffer header_with_field(const protocol::Header& header, std::size_t size) {
  base::Buffer datagram(size);
  base::ByteWriter writer{datagram};
  protocol::write_header(header, writer);
  if (size == protocol::header_size) return datagram;
  const base::Buffer body(size - protocol::header_size - 4);
  protocol::write_field(experimental, body, writer);
  return datagram;
}

// The kiss codes that refuse (RFC 5905 section 7.4). Others, as INIT, tell the state of a server that
// answers.
constexpr std::array refusals{base::reference_id("RATE"), base::reference_id("DENY"),
                              base::reference_id("RSTR")};

DatagramKind kind_of(const protocol::Header& header) {
  if (header.stratum == 0 && std::ranges::find(refusals, header.reference_id) != refusals.end())
    return DatagramKind::kiss;
  return DatagramKind::answer;
}

}  // namespace

void Prober::use(protocol::NtsSession session) {
  session_ = std::move(session);
  cookies_.assign(session_.cookies.begin(), session_.cookies.end());
  use_keys(session_.keys);
}

void Prober::use_keys(const protocol::SessionKeys& keys) {
  auto c2s = protocol::Aead::make(keys.aead, keys.c2s.reveal());
  auto s2c = protocol::Aead::make(keys.aead, keys.s2c.reveal());
  c2s_.reset();
  s2c_.reset();
  if (!c2s || !s2c) return;
  c2s_.emplace(std::move(*c2s));
  s2c_.emplace(std::move(*s2c));
}

std::optional<ProbeRequest> Prober::make(const ipc::ProbeExchange& wanted, const ProbeEntropy& entropy) {
  ProbeRequest request;
  request.header.version = wanted.version;
  request.header.poll = 6;
  request.header.transmit = {entropy.transmit};
  if (wanted.interleaved) {
    request.header.origin = last_receive_;
    request.header.receive = {entropy.receive};
  }
  if (wanted.form != ipc::ProbeForm::nts) {
    const bool padded = wanted.form == ipc::ProbeForm::padded;
    request.datagram = header_with_field(request.header, padded ? wanted.size : protocol::header_size);
    return request;
  }
  if (!c2s_ || cookies_.empty()) return std::nullopt;
  const auto cookie = std::move(cookies_.front());
  cookies_.pop_front();
  request.nts = true;
  request.identifier = entropy.identifier;
  request.datagram = protocol::protect_request(request.header, request.identifier, cookie,
                                               wanted.placeholders, *c2s_, entropy.nonce);
  if (request.datagram.empty()) return std::nullopt;
  return request;
}

Judged Prober::judge(base::Bytes datagram, const ProbeRequest& request) {
  const auto packet = protocol::parse(datagram);
  if (!packet || packet->header.mode != protocol::Mode::server) return {DatagramKind::malformed};
  const auto mode = protocol::mode_of_answer(request.header, packet->header);
  if (!mode) return {DatagramKind::of_another};
  auto judged = request.nts ? judge_protected(*packet, datagram, request)
                            : Judged{kind_of(packet->header), packet->header};
  judged.interleaved = *mode == protocol::AnswerMode::interleaved;
  if (judged.kind == DatagramKind::answer) last_receive_ = judged.header.receive;
  return judged;
}

Judged Prober::judge_protected(const protocol::Packet& packet, base::Bytes datagram,
                               const ProbeRequest& request) {
  if (protocol::is_nts_nak(packet, request.identifier)) {
    if (auto other = std::exchange(session_.compliant_keys, std::nullopt)) use_keys(*other);
    return {DatagramKind::nak, packet.header};
  }
  auto proven = protocol::verify_response(packet, datagram, request.identifier, *s2c_);
  if (!proven) return {DatagramKind::unauthentic};
  Judged judged{kind_of(proven->header()), proven->header()};
  judged.cookies = static_cast<std::uint8_t>(proven->cookies().size());
  for (auto& cookie : proven->cookies())
    if (cookies_.size() < most_cookies_kept) cookies_.push_back(std::move(cookie));
  return judged;
}

ipc::SeenHeader as_seen(const protocol::Header& header) {
  return {.leap = header.leap,
          .version = header.version,
          .stratum = header.stratum,
          .poll = header.poll,
          .precision = header.precision,
          .root_delay = header.root_delay,
          .root_dispersion = header.root_dispersion,
          .reference_id = header.reference_id,
          .reference = header.reference,
          .receive = header.receive,
          .transmit = header.transmit};
}

}  // namespace gnomon::probe
