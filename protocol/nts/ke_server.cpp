// SPDX-License-Identifier: GPL-2.0-or-later
// NTS-KE as a server reads and answers it.
#include <algorithm>
#include <utility>

#include "protocol/nts/record.hpp"
#include "protocol/nts/records.hpp"

namespace gnomon::protocol {
namespace {

// What has been seen of a request so far. The first fault decides the answer.
struct RequestReader {
  std::optional<std::vector<std::uint16_t>> protocols;
  std::optional<std::vector<std::uint16_t>> aeads;
  bool compliant = false;
  bool server_wish = false;
  bool port_wish = false;

  [[nodiscard]] std::optional<KeErrorCode> take(const Record& record);
  [[nodiscard]] std::expected<KeOffer, KeErrorCode> offer(std::span<const AeadId> allowed) const;
};

std::optional<KeErrorCode> bad_unless(bool good) {
  return good ? std::nullopt : std::optional{KeErrorCode::bad_request};
}

// True at the first call for a flag, and marks it.
bool once(bool& seen) {
  return !std::exchange(seen, true);
}

std::optional<KeErrorCode> take_list(std::optional<std::vector<std::uint16_t>>& list, base::Bytes body) {
  if (list || body.empty()) return KeErrorCode::bad_request;
  list = numbers(body);
  return bad_unless(list.has_value());
}

std::optional<KeErrorCode> RequestReader::take(const Record& record) {
  switch (record.type) {
    case RecordType::next_protocol:
      return record.critical ? take_list(protocols, record.body) : KeErrorCode::bad_request;
    case RecordType::aead_algorithm:
      return take_list(aeads, record.body);
    case RecordType::compliant_aes_128_gcm_siv:
      compliant = true;
      return bad_unless(record.body.empty());
    case RecordType::ntp_server:
      return bad_unless(once(server_wish) && !record.body.empty());
    case RecordType::ntp_port:
      return bad_unless(once(port_wish) && record.body.size() == 2);
    case RecordType::error:
    case RecordType::warning:
    case RecordType::new_cookie:
    case RecordType::end_of_message:  // the caller handles a good one
      return KeErrorCode::bad_request;
  }
  if (record.critical) return KeErrorCode::unrecognized_critical_record;
  return std::nullopt;
}

std::expected<KeOffer, KeErrorCode> RequestReader::offer(std::span<const AeadId> allowed) const {
  if (!protocols) return std::unexpected(KeErrorCode::bad_request);
  KeOffer offer;
  offer.ntpv4 = std::ranges::find(*protocols, protocol_ntpv4) != protocols->end();
  if (!offer.ntpv4) return offer;
  if (!aeads) return std::unexpected(KeErrorCode::bad_request);
  for (const auto number : *aeads) {
    const auto id = aead_from_number(number);
    if (!id || std::ranges::find(allowed, *id) == allowed.end()) continue;
    offer.aead = id;
    break;
  }
  offer.compliant_aes_128_gcm_siv = compliant && offer.aead == AeadId::aes_128_gcm_siv;
  return offer;
}

}  // namespace

std::expected<KeOffer, KeErrorCode> parse_ke_request(base::Bytes message, std::span<const AeadId> allowed) {
  base::ByteReader reader{message};
  RequestReader request;
  while (const auto record = read_record(reader)) {
    if (record->type == RecordType::end_of_message && record->critical && record->body.empty())
      return request.offer(allowed);
    if (const auto error = request.take(*record)) return std::unexpected(*error);
  }
  return std::unexpected(KeErrorCode::bad_request);  // no End of Message
}

base::Buffer encode(const KeAnswer& answer) {
  RecordWriter writer;
  if (!answer.offer.ntpv4) {
    writer.write(RecordType::next_protocol, true, {});
    return std::move(writer).finish();
  }
  writer.write_number(RecordType::next_protocol, true, protocol_ntpv4);
  if (!answer.offer.aead) {
    writer.write(RecordType::aead_algorithm, true, {});
    return std::move(writer).finish();
  }
  writer.write_number(RecordType::aead_algorithm, true, static_cast<std::uint16_t>(*answer.offer.aead));
  if (answer.offer.compliant_aes_128_gcm_siv) writer.write(RecordType::compliant_aes_128_gcm_siv, false, {});
  if (answer.ntp_port) writer.write_number(RecordType::ntp_port, true, *answer.ntp_port);
  if (!answer.ntp_server.empty())
    writer.write(RecordType::ntp_server, true, base::as_bytes(answer.ntp_server));
  for (const auto& cookie : answer.cookies) writer.write(RecordType::new_cookie, false, cookie);
  return std::move(writer).finish();
}

base::Buffer encode_ke_error(KeErrorCode code) {
  RecordWriter writer;
  writer.write_number(RecordType::error, true, static_cast<std::uint16_t>(code));
  return std::move(writer).finish();
}

}  // namespace gnomon::protocol
