// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/bytes.hpp"

#include "base/secret.hpp"

namespace gnomon::base {

bool equal_constant_time(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

std::string to_hex(Bytes bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const auto octet : bytes) {
    text += digits[octet >> 4U];
    text += digits[octet & 0xfU];
  }
  return text;
}

namespace {

std::optional<std::uint8_t> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::optional<Buffer> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Buffer bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = digit(text[i]);
    const auto low = digit(text[i + 1]);
    if (!high || !low) {
      wipe(bytes);  // the beginning of a key, maybe
      return std::nullopt;
    }
    bytes.push_back(static_cast<std::uint8_t>((*high << 4U) | *low));
  }
  return bytes;
}

}  // namespace gnomon::base
