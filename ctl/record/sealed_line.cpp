// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/record/sealed_line.hpp"

#include <array>

#include <fmt/format.h>

namespace gnomon::ctl {

namespace {

constexpr std::string_view begin = R"({"check":")";
constexpr std::size_t digits = 8;

constexpr std::array<std::uint32_t, 256> crc_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? (value >> 1U) ^ 0xedb88320U : value >> 1U;
    table[i] = value;
  }
  return table;
}();

}  // namespace

std::uint32_t crc32(std::string_view octets) {
  std::uint32_t value = 0xffffffff;
  for (const char octet : octets)
    value = crc_table[(value ^ static_cast<std::uint8_t>(octet)) & 0xffU] ^ (value >> 8U);
  return ~value;
}

std::string sealed(std::uint64_t number, std::string_view object) {
  const auto rest = fmt::format(R"("line":{},{})", number, object.substr(1));
  return fmt::format("{}{:08x}\",{}\n", begin, crc32(rest), rest);
}

std::expected<std::string_view, std::string> unsealed(std::uint64_t number, std::string_view line) {
  constexpr std::size_t sealed_from = begin.size() + digits + 2;
  if (!line.starts_with(begin) || line.size() < sealed_from || line.substr(begin.size() + digits, 2) != "\",")
    return std::unexpected("it does not begin as the lines of a record do");
  const auto rest = line.substr(sealed_from);
  if (line.substr(begin.size(), digits) != fmt::format("{:08x}", crc32(rest)))
    return std::unexpected("its check sum is not that of its octets: it was altered");
  const auto expected = fmt::format(R"("line":{},)", number);
  if (!rest.starts_with(expected))
    return std::unexpected("it has another number: lines are missing, or their order was changed");
  return rest.substr(expected.size());
}

}  // namespace gnomon::ctl
