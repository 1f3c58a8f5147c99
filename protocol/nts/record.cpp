// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/nts/record.hpp"

#include <algorithm>
#include <utility>

#include "protocol/nts/records.hpp"

namespace gnomon::protocol {
namespace {

constexpr std::uint16_t critical_bit = 0x8000;

struct RecordHeader {
  bool critical;
  RecordType type;
  std::size_t length;
};

std::optional<RecordHeader> read_record_header(base::ByteReader& reader) {
  if (reader.remaining() < 4) return std::nullopt;
  const auto type = reader.read<std::uint16_t>().value_or(0);
  const auto length = reader.read<std::uint16_t>().value_or(0);
  return RecordHeader{(type & critical_bit) != 0,
                      static_cast<RecordType>(type & static_cast<std::uint16_t>(~critical_bit)), length};
}

}  // namespace

std::optional<Record> read_record(base::ByteReader& reader) {
  base::ByteReader ahead = reader;
  const auto header = read_record_header(ahead);
  if (!header) return std::nullopt;
  const auto body = ahead.take(header->length);
  if (!body) return std::nullopt;
  reader = ahead;
  return Record{header->critical, header->type, *body};
}

KeProgress ke_progress(base::Bytes received, std::size_t limit, std::size_t& whole) {
  base::ByteReader reader{received.subspan(whole)};
  const auto before = whole;
  while (const auto header = read_record_header(reader)) {
    if (header->type == RecordType::end_of_message && (header->length != 0 || !header->critical))
      return KeProgress::malformed;
    if (before + reader.position() + header->length > limit) return KeProgress::too_long;
    if (header->type == RecordType::end_of_message) return KeProgress::complete;
    if (!reader.take(header->length)) return KeProgress::need_more;
    whole = before + reader.position();
  }
  // Another record header must still fit, as nothing has ended the message.
  return before + reader.position() + 4 > limit ? KeProgress::too_long : KeProgress::need_more;
}

KeProgress ke_progress(base::Bytes received, std::size_t limit) {
  std::size_t whole = 0;
  return ke_progress(received, limit, whole);
}

std::optional<std::vector<std::uint16_t>> numbers(base::Bytes body) {
  if (body.size() % 2 != 0) return std::nullopt;
  std::vector<std::uint16_t> values;
  values.reserve(body.size() / 2);
  base::ByteReader reader{body};
  while (const auto value = reader.read<std::uint16_t>()) values.push_back(*value);
  return values;
}

std::optional<std::uint16_t> one_number(base::Bytes body) {
  if (body.size() != 2) return std::nullopt;
  return base::ByteReader{body}.read<std::uint16_t>();
}

void RecordWriter::append(std::uint16_t value) {
  message_.push_back(static_cast<std::uint8_t>(value >> 8U));
  message_.push_back(static_cast<std::uint8_t>(value & 0xffU));
}

void RecordWriter::write(RecordType type, bool critical, base::Bytes body) {
  body = body.first(std::min<std::size_t>(body.size(), 0xffff));
  append(static_cast<std::uint16_t>(static_cast<std::uint16_t>(type) | (critical ? critical_bit : 0)));
  append(static_cast<std::uint16_t>(body.size()));
  message_.insert(message_.end(), body.begin(), body.end());
}

void RecordWriter::write_numbers(RecordType type, bool critical, std::span<const std::uint16_t> values) {
  base::Buffer body(values.size() * 2);
  base::ByteWriter writer{body};
  for (const auto value : values) writer.write(value);
  write(type, critical, body);
}

base::Buffer RecordWriter::finish() && {
  write(RecordType::end_of_message, true, {});
  return std::move(message_);
}

}  // namespace gnomon::protocol
