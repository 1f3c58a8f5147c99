// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/text_reader.hpp"

#include <array>
#include <utility>

namespace gnomon::engine::replay {

bool TextReader::skip(std::string_view literal) {
  if (!rest_.starts_with(literal)) return false;
  rest_.remove_prefix(literal.size());
  return true;
}

bool TextReader::take_text(std::string& value) {
  value.clear();
  if (!skip("\"")) return false;
  while (!rest_.empty() && !rest_.starts_with('"')) {
    char next = rest_.front();
    rest_.remove_prefix(1);
    if (static_cast<unsigned char>(next) < 0x20) return false;
    if (next == '\\') {
      if (skip("u00")) {
        std::uint8_t octet = 0;
        const auto digits = rest_.substr(0, 2);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), octet, 16);
        if (error != std::errc{} || digits.size() != 2 || end != digits.data() + 2) return false;
        next = static_cast<char>(octet);
        rest_.remove_prefix(2);
      } else if (rest_.starts_with('"') || rest_.starts_with('\\')) {
        next = rest_.front();
        rest_.remove_prefix(1);
      } else {
        return false;
      }
    }
    value += next;
  }
  return skip("\"");
}

bool TextReader::take_number(double& value) {
  using Limits = std::numeric_limits<double>;
  constexpr std::array special{std::pair{std::string_view{"\"nan\""}, Limits::quiet_NaN()},
                               std::pair{std::string_view{"\"inf\""}, Limits::infinity()},
                               std::pair{std::string_view{"\"-inf\""}, -Limits::infinity()}};
  for (const auto& [text, meant] : special)
    if (skip(text)) {
      value = meant;
      return true;
    }
  // from_chars() takes "inf" and "nan" as well.
  if (rest_.empty() || (rest_.front() != '-' && (rest_.front() < '0' || rest_.front() > '9'))) return false;
  const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
  if (error != std::errc{} || value - value != 0) return false;
  rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
  return true;
}

bool TextReader::take_address(base::IpAddress& value) {
  std::string text;
  if (!take_text(text)) return false;
  value = {};
  if (text.empty()) return true;
  const auto address = base::parse_address(text);
  if (address) value = *address;
  return address.has_value();
}

}  // namespace gnomon::engine::replay
