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

std::uint32_t three(const std::uint8_t* octets) {
  return std::uint32_t{octets[0]} << 16U | std::uint32_t{octets[1]} << 8U | octets[2];
}

void write_four(char* to, std::uint32_t bits) {
  const char* const digits = alphabet.data();
  to[0] = digits[bits >> 18U & 63U];
  to[1] = digits[bits >> 12U & 63U];
  to[2] = digits[bits >> 6U & 63U];
  to[3] = digits[bits & 63U];
}

}  // namespace

void append_base64(std::string& out, std::string_view octets) {
  const auto begin = out.size();
  out.resize(begin + (octets.size() + 2) / 3 * 4);
  char* to = out.data() + begin;
  const auto* from = reinterpret_cast<const std::uint8_t*>(octets.data());  // NOLINT: as octets
  const auto* const end = from + octets.size() / 3 * 3;
  for (; from != end; from += 3, to += 4) write_four(to, three(from));
  const auto left = octets.size() % 3;
  if (left == 0) return;
  std::array<std::uint8_t, 3> last{};
  std::copy_n(from, left, last.begin());
  write_four(to, three(last.data()));
  std::fill_n(out.end() - static_cast<std::ptrdiff_t>(3 - left), 3 - left, padding);
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
  octets.erase(octets.size() - padded);
  return octets;
}

}  // namespace gnomon::ipc
