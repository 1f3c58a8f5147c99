// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/events/event_fields.hpp"

#include <cstdint>
#include <optional>

#include "base/journal_datagram.hpp"

namespace gnomon::core {

namespace {

constexpr std::size_t length_size = 8;

std::uint8_t octet(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<std::uint8_t>(text[at]) : 0;
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
    const auto [size, harmless] = base::first_character(text);
    safe += harmless ? text.substr(0, size) : "?";
    text.remove_prefix(size);
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
