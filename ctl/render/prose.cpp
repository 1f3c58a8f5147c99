// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/render/prose.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/journal_datagram.hpp"

namespace gnomon::ctl {

namespace {

// The octets of a character that must not reach a terminal; 0: it may.
std::size_t harmful(std::string_view text) {
  const auto octet = [text](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  if (octet(0) < ' ' || octet(0) == 0x7f) return 1;
  if (octet(0) == 0xc2 && octet(1) >= 0x80 && octet(1) < 0xa0) return 2;
  const bool direction = octet(0) == 0xe2 && ((octet(1) == 0x80 && octet(2) >= 0xaa && octet(2) <= 0xae) ||
                                              (octet(1) == 0x81 && octet(2) >= 0xa6 && octet(2) <= 0xa9));
  return direction ? 3 : 0;
}

const char* code_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "32";
    case Tone::warning:
      return "33";
    case Tone::bad:
      return "31";
    case Tone::strong:
      return "1";
    case Tone::plain:
      break;
  }
  return nullptr;
}

}  // namespace

std::string harmless_text(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const auto [size, harmless] = base::first_character(text);
    const bool stays = harmless && harmful(text) == 0;
    safe += stays ? text.substr(0, size) : "?";
    text.remove_prefix(size);
  }
  return safe;
}

std::string harmless_json(std::string_view serialized) {
  const auto octet = [&serialized](std::size_t at) { return static_cast<unsigned char>(serialized[at]); };
  std::string safe;
  while (!serialized.empty()) {
    const auto bad = harmful(serialized);
    if (bad == 0) {
      safe += serialized.front();
      serialized.remove_prefix(1);
      continue;
    }
    unsigned code = octet(0);
    if (bad == 2) code = (octet(0) & 0x1fU) << 6U | (octet(1) & 0x3fU);
    if (bad == 3) code = (octet(0) & 0xfU) << 12U | (octet(1) & 0x3fU) << 6U | (octet(2) & 0x3fU);
    safe += fmt::format("\\u{:04x}", code);
    serialized.remove_prefix(bad);
  }
  return safe;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string paragraph(std::string_view text, std::size_t width, std::string_view first,
                      std::string_view rest) {
  const auto safe = harmless_text(text);
  std::string out{first};
  std::size_t column = columns_of(first);
  bool begins = true;
  for (std::string_view left = safe; !left.empty();) {
    const auto end = std::min(left.find(' '), left.size());
    const auto word = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    const auto columns = columns_of(word);
    if (!begins && width > 0 && column + 1 + columns > width) {
      out.append("\n").append(rest);
      column = columns_of(rest);
      begins = true;
    }
    if (!begins) out += ' ';
    out += word;
    column += columns + (begins ? 0 : 1);
    begins = false;
  }
  return out + '\n';
}

std::string toned(std::string_view text, Tone tone, bool colours) {
  const char* const code = code_of(tone);
  if (!colours || code == nullptr) return std::string{text};
  return fmt::format("\033[{}m{}\033[0m", code, text);
}

}  // namespace gnomon::ctl
