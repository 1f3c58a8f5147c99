// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/text_writer.hpp"

#include <algorithm>

namespace gnomon::engine::replay {

namespace {

bool is_special(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet < 0x20 || octet == 0x7f || c == '"' || c == '\\';
}

void append_escaped(base::RawText& out, char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  const auto octet = static_cast<unsigned char>(c);
  out += '\\';
  if (c == '"' || c == '\\') return static_cast<void>(out += c);
  out += "u00";
  out += hex[octet >> 4U];
  out += hex[octet & 15U];
}

}  // namespace

void append_quoted(base::RawText& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto plain = std::ranges::find_if(text, is_special);
    out += std::string_view{text.begin(), plain};
    if (plain != text.end()) append_escaped(out, *plain);
    text = {plain == text.end() ? plain : plain + 1, text.end()};
  }
  out += '"';
}

}  // namespace gnomon::engine::replay
