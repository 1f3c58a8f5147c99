// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/report/markup.hpp"

#include <cmath>

#include <fmt/format.h>

#include "ctl/render/prose.hpp"

namespace gnomon::ctl {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

unsigned octet(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

bool continues(std::string_view text, std::size_t at) {
  return (octet(text, at) & 0xc0U) == 0x80U;
}

// The octets of the character at the beginning; JSON has been checked for whole ones.
std::size_t size_of_character(std::string_view text) {
  std::size_t size = 1;
  while (continues(text, size)) ++size;
  return size;
}

// Not in XML 1.0, C1, or a command to the bidirectional algorithm.
bool is_forbidden(std::string_view c) {
  const auto first = octet(c, 0);
  const std::size_t whole = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (c.size() != whole) return true;
  if (c.size() == 1) return first < ' ' || first >= 0x7f;
  if (first == 0xc2) return octet(c, 1) < 0xa0;
  if (first == 0xed) return octet(c, 1) >= 0xa0;                         // surrogates
  if (first == 0xef) return octet(c, 1) == 0xbf && octet(c, 2) >= 0xbe;  // U+FFFE, U+FFFF
  if (first != 0xe2) return false;
  return (octet(c, 1) == 0x80 &&
          (octet(c, 2) == 0x8e || octet(c, 2) == 0x8f || (octet(c, 2) >= 0xa8 && octet(c, 2) <= 0xae))) ||
         (octet(c, 1) == 0x81 && octet(c, 2) >= 0xa6 && octet(c, 2) <= 0xa9);
}

std::string_view entity_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

TimeUnit page_unit_of(double size) {
  auto unit = time_unit_of(size);
  if (unit.name == "us") unit.name = "µs";
  return unit;
}

const char* sign_of(double value, bool is_signed) {
  return value < 0 ? "\u2212" : is_signed ? "+" : "";
}

}  // namespace

std::string escaped(std::string_view text, std::size_t most) {
  std::string safe;
  for (std::size_t taken = 0; !text.empty();) {
    const auto c = text.substr(0, size_of_character(text));
    taken += c.size();
    if (taken > most) return safe + "…";
    if (const auto entity = entity_of(c.front()); !entity.empty())
      safe += entity;
    else if (c == "\n" || c == "\t")
      safe += ' ';
    else
      safe += is_forbidden(c) ? replacement : c;
    text.remove_prefix(c.size());
  }
  return safe;
}

std::string coordinate(double value) {
  auto text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

std::string quantity(double seconds, bool is_signed) {
  const double size = std::fabs(seconds);
  if (size < 0.5e-9) return "0 s";
  const auto unit = page_unit_of(size);
  const double shown = size / unit.size;
  const int decimals = shown < 9.995 ? 2 : shown < 99.95 ? 1 : 0;
  return fmt::format("{}{:.{}f}\u00a0{}", sign_of(seconds, is_signed), shown, decimals, unit.name);
}

std::string frequency_text(double ppm, int decimals) {
  const double shown = std::round(ppm * std::pow(10, decimals));
  return shown == 0 ? "0" : fmt::format("{}{:.{}f}", sign_of(ppm, true), std::fabs(ppm), decimals);
}

std::string round_quantity(double seconds, bool is_signed) {
  const double size = std::fabs(seconds);
  if (size < 0.5e-9) return "0";
  const auto unit = page_unit_of(size);
  return fmt::format("{}{:.4g}\u00a0{}", sign_of(seconds, is_signed), size / unit.size, unit.name);
}

}  // namespace gnomon::ctl
