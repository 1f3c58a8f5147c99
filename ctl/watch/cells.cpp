// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/watch/cells.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ctl/render/prose.hpp"

namespace gnomon::ctl {

namespace {

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
}

// The first characters of the text, each of which takes a column.
std::string_view first_columns(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if (begins_character(text[at]) && columns-- == 0) break;
  return text.substr(0, at);
}

}  // namespace

std::size_t columns_of(const Line& line) {
  std::size_t columns = 0;
  for (const auto& span : line) columns += columns_of(span.text);
  return columns;
}

std::string line_text(const Line& line, const Canvas& canvas) {
  std::string text;
  std::size_t left = canvas.width;
  for (const auto& span : line) {
    const auto part = first_columns(span.text, left);
    left -= columns_of(part);
    text += toned(part, span.tone, canvas.colours && !part.empty());
  }
  return text;
}

std::string fitted(std::string_view text, std::size_t columns) {
  const auto part = first_columns(text, columns);
  return std::string{part} + std::string(columns - columns_of(part), ' ');
}

std::string foreign(std::string_view text, const Canvas& canvas) {
  auto safe = harmless_text(text);
  if (canvas.unicode) return safe;
  std::string ascii;
  for (const char c : safe)
    if (begins_character(c)) ascii += static_cast<unsigned char>(c) < 0x80 ? c : '?';
  return ascii;
}

std::string unsigned_text(double seconds) {
  constexpr double most = 99999;
  const auto& unit = time_unit_of(seconds);
  const double shown = std::min(std::fabs(seconds) / unit.size, most);
  return fmt::format("{:.{}f} {}", shown, shown < 99.95 ? 1 : 0, unit.name);
}

std::string signed_text(double seconds) {
  return (seconds < 0 ? "-" : "+") + unsigned_text(seconds);
}

std::string age_text(double seconds) {
  const double age = std::clamp(seconds, 0.0, 1e9);
  if (age < 100) return fmt::format("{:.0f}s", age);
  if (age < 6000) return fmt::format("{:.0f}m", age / 60);
  if (age < 172800) return fmt::format("{:.0f}h", age / 3600);
  return fmt::format("{:.0f}d", age / 86400);
}

}  // namespace gnomon::ctl
