// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/journal_datagram.hpp"

#include <algorithm>
#include <charconv>

namespace gnomon::base {

namespace {

std::uint8_t octet(char c) {
  return static_cast<std::uint8_t>(c);
}

class Digits {
 public:
  template <class Number>
  explicit Digits(Number value) {
    size_ = static_cast<std::size_t>(std::to_chars(text_.data(), text_.data() + text_.size(), value).ptr -
                                     text_.data());
  }
  [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, 32> text_{};
  std::size_t size_ = 0;
};

}  // namespace

char harmless(char c, LineBreaks lines) {
  if (c == '\n' && lines == LineBreaks::keep) return c;
  return octet(c) < ' ' || c == '\x7f' ? '?' : c;
}

void JournalDatagram::add(std::string_view name, std::string_view value) {
  value = value.substr(0, max_value);
  constexpr std::size_t length_size = 8;
  const bool has_lines = value.contains('\n');
  const auto needed = name.size() + 1 + (has_lines ? length_size : 0) + value.size() + 1;
  if (needed > max_size - size_) return;
  auto* at = std::ranges::transform(name, octets_.data() + size_, octet).out;
  *at++ = has_lines ? '\n' : '=';
  if (has_lines)
    for (std::size_t i = 0; i < length_size; ++i) *at++ = static_cast<std::uint8_t>(value.size() >> (8 * i));
  at = std::ranges::transform(value, at, [](char c) { return octet(harmless(c, LineBreaks::keep)); }).out;
  *at = '\n';
  size_ += needed;
}

void JournalDatagram::add(std::string_view name, double value) {
  add(name, Digits{value}.text());
}

void JournalDatagram::add(std::string_view name, std::int64_t value) {
  add(name, Digits{value}.text());
}

Bytes JournalDatagram::bytes() const {
  return Bytes{octets_}.first(size_);
}

void add_message(JournalDatagram& datagram, std::string_view role, const LogMessage& message,
                 std::uint32_t left_out) {
  const auto& event = traits_of(message.event);
  datagram.add("MESSAGE", message.text);
  datagram.add("MESSAGE_ID", event.message_id);
  datagram.add("PRIORITY", static_cast<std::int64_t>(event.level));
  datagram.add("SYSLOG_IDENTIFIER", "gnomond");
  datagram.add("GNOMON_EVENT", event.name);
  datagram.add("GNOMON_ROLE", role);
  if (left_out > 0) datagram.add("GNOMON_SUPPRESSED", std::int64_t{left_out});
  for (const auto& field : message.fields)
    std::visit([&](const auto& value) { datagram.add(traits_of(field.field).name, value); }, field.value);
}

}  // namespace gnomon::base
