// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/base64.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace gnomon::ipc {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char padding = '=';
constexpr std::uint8_t no_digit = 255;

constexpr std::array<std::uint8_t, 256> values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}();

std::uint32_t octet(std::string_view octets, std::size_t at) {
  return at < octets.size() ? static_cast<std::uint8_t>(octets[at]) : 0;
}

void write_four(char* to, std::uint32_t bits) {
  for (int i = 0; i < 4; ++i) to[i] = alphabet[bits >> (18 - 6 * i) & 63U];
}

}  // namespace

void append_base64(std::string& out, std::string_view octets) {
  const auto begin = out.size();
  out.resize(begin + (octets.size() + 2) / 3 * 4);
  char* to = out.data() + begin;
  for (std::size_t at = 0; at < octets.size(); at += 3, to += 4)
    write_four(to, octet(octets, at) << 16U | octet(octets, at + 1) << 8U | octet(octets, at + 2));
  const auto missing = (3 - octets.size() % 3) % 3;
  std::fill_n(out.end() - static_cast<std::ptrdiff_t>(missing), missing, padding);
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const auto padded = std::min<std::size_t>(text.size() - text.find_last_not_of(padding) - 1, text.size());
  if (padded > 2) return std::nullopt;
  std::string octets;
  octets.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::uint32_t bits = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
      const auto value = i < text.size() - padded ? values[static_cast<std::uint8_t>(text[i])] : 0U;
      if (value == no_digit) return std::nullopt;
      bits = bits << 6U | value;
    }
    for (const unsigned shift : {16U, 8U, 0U}) octets += static_cast<char>(bits >> shift & 255U);
  }
  octets.resize(octets.size() - padded);
  return octets;
}

}  // namespace gnomon::ipc
