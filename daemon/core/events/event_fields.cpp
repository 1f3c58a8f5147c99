// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/events/event_fields.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace gnomon::core {

namespace {

constexpr std::size_t length_size = 8;

std::uint8_t octet(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<std::uint8_t>(text[at]) : 0;
}

// The octets of the character at the beginning (RFC 3629); 0: there is none.
std::size_t character_size(std::string_view text) {
  const auto first = octet(text, 0);
  const std::size_t size = first < 0x80                    ? 1
                           : first >= 0xc2 && first < 0xe0 ? 2
                           : first >= 0xe0 && first < 0xf0 ? 3
                           : first >= 0xf0 && first < 0xf5 ? 4
                                                           : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((octet(text, i) & 0xc0U) != 0x80) return 0;
  const auto second = octet(text, 1);
  const bool is_long = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool is_outside = (first == 0xed && second >= 0xa0) || (first == 0xf4 && second >= 0x90);
  return is_long || is_outside ? 0 : size;
}

bool is_control(std::string_view character) {
  const auto first = octet(character, 0);
  if (character.size() == 1) return (first < ' ' && first != '\n') || first == 0x7f;
  return first == 0xc2 && octet(character, 1) < 0xa0;
}

std::optional<std::uint64_t> length_of(std::string_view text) {
  if (text.size() < length_size) return std::nullopt;
  std::uint64_t length = 0;
  for (std::size_t i = length_size; i-- > 0;) length = length << 8U | octet(text, i);
  return length;
}

}  // namespace

std::string readable(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const auto size = character_size(text);
    const auto character = text.substr(0, std::max<std::size_t>(size, 1));
    if (size == 0 || is_control(character))
      safe += '?';
    else
      safe += character;
    text.remove_prefix(character.size());
  }
  return safe;
}

std::vector<EventField> event_fields(base::Bytes stored) {
  std::vector<EventField> fields;
  std::string_view rest{reinterpret_cast<const char*>(stored.data()),
                        stored.size()};  // NOLINT: octets as text
  while (!rest.empty()) {
    const auto end = rest.find_first_of("=\n");
    if (end == rest.npos || end == 0) break;
    const auto name = rest.substr(0, end);
    const bool has_length = rest[end] == '\n';
    rest.remove_prefix(end + 1);
    std::uint64_t size = rest.find('\n');
    if (has_length) {
      const auto length = length_of(rest);
      if (!length) break;
      rest.remove_prefix(length_size);
      size = *length;
    }
    if (size >= rest.size()) break;  // the line break behind it as well
    fields.push_back({readable(name), readable(rest.substr(0, size))});
    rest.remove_prefix(size + 1);
  }
  return fields;
}

}  // namespace gnomon::core
