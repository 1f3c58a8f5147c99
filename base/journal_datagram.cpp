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

std::uint8_t octet_at(std::string_view text, std::size_t at) {
  return at < text.size() ? octet(text[at]) : 0;
}

// The octets of the character at the beginning; 0: there is none.
std::size_t character_size(std::string_view text) {
  const auto first = octet_at(text, 0);
  const std::size_t size = first < 0x80                    ? 1
                           : first >= 0xc2 && first < 0xe0 ? 2
                           : first >= 0xe0 && first < 0xf0 ? 3
                           : first >= 0xf0 && first < 0xf5 ? 4
                                                           : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((octet_at(text, i) & 0xc0U) != 0x80) return 0;
  const auto second = octet_at(text, 1);
  const bool is_long = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool is_outside = (first == 0xed && second >= 0xa0) || (first == 0xf4 && second >= 0x90);
  return is_long || is_outside ? 0 : size;
}

bool is_control(std::string_view character) {
  const auto first = octet_at(character, 0);
  if (character.size() == 1) return (first < ' ' && first != '\n') || first == 0x7f;
  return first == 0xc2 && octet_at(character, 1) < 0xa0;
}

}  // namespace

FirstCharacter first_character(std::string_view text) {
  const auto size = character_size(text);
  const auto character = text.substr(0, std::max<std::size_t>(size, 1));
  return {character.size(), size > 0 && !is_control(character)};
}

char* put_harmless(std::string_view text, LineBreaks lines, char* into) {
  while (!text.empty()) {
    const auto [size, harmless] = first_character(text);
    const bool stays = harmless && !(text.front() == '\n' && lines == LineBreaks::replace);
    into = stays ? std::ranges::copy(text.substr(0, size), into).out : std::fill_n(into, size, '?');
    text.remove_prefix(size);
  }
  return into;
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
  auto* const text = reinterpret_cast<char*>(at);  // NOLINT: octets as text
  *put_harmless(value, LineBreaks::keep, text) = '\n';
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
