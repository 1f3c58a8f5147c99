// SPDX-License-Identifier: GPL-2.0-or-later
// NTS-KE as a client asks and reads the answer.
#include <algorithm>
#include <utility>

#include "protocol/nts/record.hpp"
#include "protocol/nts/records.hpp"

namespace gnomon::protocol {
namespace {

using Failure = std::optional<KeResponseFailure>;

constexpr std::uint16_t number_of_aes_128_gcm_siv = static_cast<std::uint16_t>(AeadId::aes_128_gcm_siv);

Failure fails(KeResponseError error) {
  return KeResponseFailure{error, std::nullopt};
}

bool offers(const KeRequest& request, std::uint16_t number) {
  return std::ranges::find(request.aeads, number) != request.aeads.end();
}

// An address or a fully qualified name; no zone id, nothing that would need escaping anywhere.
bool is_host(base::Bytes body) {
  return !body.empty() && body.size() <= 255 && std::ranges::all_of(body, [](std::uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == ':' || c == '-' || c == '_';
  });
}

// The response so far.
struct ResponseReader {
  const KeRequest& request;
  KeResponse response{};
  bool protocol_seen = false;
  bool aead_seen = false;

  [[nodiscard]] Failure take(const Record& record);
  [[nodiscard]] Failure take_protocol(const Record& record);
  [[nodiscard]] Failure take_aead(base::Bytes body);
  [[nodiscard]] Failure take_server(base::Bytes body);
  [[nodiscard]] Failure take_port(base::Bytes body);
  void take_cookie(base::Bytes body);
  [[nodiscard]] Failure finish();
};

Failure ResponseReader::take_protocol(const Record& record) {
  if (std::exchange(protocol_seen, true)) return fails(KeResponseError::duplicate_record);
  if (!record.critical) return fails(KeResponseError::bad_next_protocol);
  if (record.body.empty()) return fails(KeResponseError::no_common_protocol);
  if (one_number(record.body) != protocol_ntpv4) return fails(KeResponseError::bad_next_protocol);
  return std::nullopt;
}

Failure ResponseReader::take_aead(base::Bytes body) {
  if (std::exchange(aead_seen, true)) return fails(KeResponseError::duplicate_record);
  if (body.empty()) return fails(KeResponseError::no_common_aead);
  const auto number = one_number(body);
  if (!number) return fails(KeResponseError::bad_aead);
  const auto id = aead_from_number(*number);
  if (!id || !offers(request, *number)) return fails(KeResponseError::aead_not_offered);
  response.aead = *id;
  return std::nullopt;
}

Failure ResponseReader::take_server(base::Bytes body) {
  if (!response.ntp_server.empty()) return fails(KeResponseError::duplicate_record);
  if (!is_host(body)) return fails(KeResponseError::bad_server);
  response.ntp_server.assign(body.begin(), body.end());
  return std::nullopt;
}

Failure ResponseReader::take_port(base::Bytes body) {
  if (response.ntp_port) return fails(KeResponseError::duplicate_record);
  response.ntp_port = one_number(body);
  if (response.ntp_port.value_or(0) == 0) return fails(KeResponseError::bad_port);
  return std::nullopt;
}

// Zero-padded to the length it has in its extension field; those we could not send back are left out.
void ResponseReader::take_cookie(base::Bytes body) {
  if (body.empty() || body.size() > max_cookie_size || response.cookies.size() == cookies_wanted) return;
  response.cookies.emplace_back(body.begin(), body.end()).resize(base::round_up_to_4(body.size()));
}

Failure ResponseReader::take(const Record& record) {
  switch (record.type) {
    case RecordType::next_protocol:
      return take_protocol(record);
    case RecordType::aead_algorithm:
      return take_aead(record.body);
    case RecordType::new_cookie:
      take_cookie(record.body);
      return std::nullopt;
    case RecordType::ntp_server:
      return take_server(record.body);
    case RecordType::ntp_port:
      return take_port(record.body);
    case RecordType::compliant_aes_128_gcm_siv:
      response.compliant_aes_128_gcm_siv = true;
      return record.body.empty() ? std::nullopt : fails(KeResponseError::bad_aead);
    case RecordType::error:
      return KeResponseFailure{KeResponseError::error_record, one_number(record.body)};
    case RecordType::warning:
      return KeResponseFailure{KeResponseError::warning_record, one_number(record.body)};
    case RecordType::end_of_message:  // the caller handles a good one
      return fails(KeResponseError::bad_end);
  }
  return record.critical ? fails(KeResponseError::unknown_critical_record) : std::nullopt;
}

Failure ResponseReader::finish() {
  if (!protocol_seen) return fails(KeResponseError::bad_next_protocol);
  if (!aead_seen) return fails(KeResponseError::bad_aead);
  if (response.cookies.empty()) return fails(KeResponseError::no_cookie);
  if (response.aead != AeadId::aes_128_gcm_siv) response.compliant_aes_128_gcm_siv = false;
  return std::nullopt;
}

// What a server says went wrong tells the user more than what else is odd about its message.
Failure find_error(base::Bytes message) {
  base::ByteReader reader{message};
  while (const auto record = read_record(reader)) {
    if (record->type == RecordType::end_of_message) break;
    if (record->type == RecordType::error)
      return KeResponseFailure{KeResponseError::error_record, one_number(record->body)};
  }
  return std::nullopt;
}

}  // namespace

base::Buffer encode(const KeRequest& request) {
  RecordWriter writer;
  writer.write_number(RecordType::next_protocol, true, protocol_ntpv4);
  writer.write_numbers(RecordType::aead_algorithm, true, request.aeads);
  if (offers(request, number_of_aes_128_gcm_siv))
    writer.write(RecordType::compliant_aes_128_gcm_siv, false, {});
  return std::move(writer).finish();
}

std::expected<KeResponse, KeResponseFailure> parse_ke_response(base::Bytes message,
                                                               const KeRequest& request) {
  if (const auto error = find_error(message)) return std::unexpected(*error);
  base::ByteReader reader{message};
  ResponseReader response{request};
  while (const auto record = read_record(reader)) {
    const bool end = record->type == RecordType::end_of_message && record->critical && record->body.empty();
    if (const auto failure = end ? response.finish() : response.take(*record))
      return std::unexpected(*failure);
    if (end) return std::move(response.response);
  }
  return std::unexpected(KeResponseFailure{KeResponseError::truncated, std::nullopt});
}

std::string_view to_text(KeResponseError error) {
  switch (error) {
    case KeResponseError::truncated:
      return "message ends before its End of Message record";
    case KeResponseError::error_record:
      return "server answered with an Error record";
    case KeResponseError::warning_record:
      return "server sent a Warning with an unknown code";
    case KeResponseError::unknown_critical_record:
      return "unknown critical record";
    case KeResponseError::bad_next_protocol:
      return "Next Protocol record is missing or wrong";
    case KeResponseError::no_common_protocol:
      return "server does not offer NTPv4";
    case KeResponseError::bad_aead:
      return "AEAD record is missing or wrong";
    case KeResponseError::no_common_aead:
      return "server supports none of our AEADs";
    case KeResponseError::aead_not_offered:
      return "server chose an AEAD that was not offered";
    case KeResponseError::no_cookie:
      return "no usable cookie";
    case KeResponseError::bad_server:
      return "NTPv4 Server record holds no address or name";
    case KeResponseError::bad_port:
      return "NTPv4 Port record is wrong";
    case KeResponseError::bad_end:
      return "End of Message record is wrong";
    case KeResponseError::duplicate_record:
      break;
  }
  return "a record is there twice";
}

}  // namespace gnomon::protocol
