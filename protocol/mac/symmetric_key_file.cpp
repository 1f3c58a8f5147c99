// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/mac/symmetric_key_file.hpp"

#include <algorithm>
#include <array>
#include <expected>
#include <optional>

#include "base/number.hpp"

namespace gnomon::protocol {
namespace {

constexpr std::string_view white_space = " \t\v\f\r";

// The next word, and the rest of the line; both are empty at its end.
std::string_view take_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(white_space), rest.size()));
  const auto word = rest.substr(0, rest.find_first_of(white_space));
  rest.remove_prefix(word.size());
  return word;
}

std::optional<std::uint8_t> digit_value(char digit) {
  return base::parse_number<std::uint8_t>({&digit, 1}, {}, 16);
}

std::expected<KeyOctets, std::string> from_digits(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::unexpected("has an odd number of hexadecimal digits");
  std::array<std::uint8_t, KeyOctets::capacity> octets{};
  bool good = true;
  for (std::size_t i = 0; good && i < digits.size() / 2; ++i) {
    const auto high = digit_value(digits[2 * i]);
    const auto low = digit_value(digits[(2 * i) + 1]);
    good = high && low;
    if (good) octets[i] = static_cast<std::uint8_t>(*high << 4U | *low);
  }
  KeyOctets key{base::Bytes{octets}.first(digits.size() / 2)};
  base::wipe(octets);
  if (!good) return std::unexpected("has something other than hexadecimal digits after HEX:");
  return key;
}

std::expected<KeyOctets, std::string> decode_key(std::string_view word) {
  constexpr std::string_view hex = "HEX:";
  constexpr std::string_view ascii = "ASCII:";
  const bool digits = word.starts_with(hex);
  if (digits) word.remove_prefix(hex.size());
  if (word.starts_with(ascii) && !digits) word.remove_prefix(ascii.size());
  if (word.empty()) return std::unexpected("is empty");
  const std::size_t size = digits ? word.size() / 2 : word.size();
  if (size > KeyOctets::capacity)
    return std::unexpected("is longer than " + std::to_string(KeyOctets::capacity) + " octets");
  return digits ? from_digits(word) : KeyOctets{base::as_bytes(word)};
}

// What the type demands of the key; nothing: it fits.
std::optional<std::string> misfit(KeyType type, std::size_t key_size) {
  const auto about = traits(type);
  if (about.key_size == 0 || about.key_size == key_size) return std::nullopt;
  return "has " + std::to_string(8 * key_size) + " bits, but " + std::string{about.name} + " needs " +
         std::to_string(8 * about.key_size) + " (invalid length)";
}

std::string names_of_types() {
  std::string names;
  for (const auto& each : key_types) names += (names.empty() ? "" : ", ") + std::string{each.name};
  return names;
}

// Error: `id` 0 stands for a line that is not of the form.
std::expected<SymmetricKey, KeyLineComplaint> parse_line(std::string_view line, CanCompute can_compute) {
  std::string_view rest = line;
  const auto number = take_word(rest);
  auto type_name = take_word(rest);
  auto key_word = take_word(rest);
  if (key_word.empty()) key_word = std::exchange(type_name, std::string_view{});
  const auto further = take_word(rest);
  const auto id = base::parse_number<std::uint32_t>(number, {.low = 1});
  const auto complain = [&](std::string_view word, std::string text) {
    return std::unexpected(KeyLineComplaint{.column = static_cast<std::size_t>(word.data() - line.data()) + 1,
                                            .id = id.value_or(0),
                                            .text = std::move(text)});
  };
  if (!id || key_word.empty() || !further.empty()) {
    auto complaint = complain(further.empty() ? number : further,
                              "is not of the form ID [TYPE] KEY, with an ID from 1 to 4294967295");
    complaint.error().id = 0;
    return complaint;
  }
  // Not named: with a key of two words it would be half of the key.
  const auto type = type_name.empty() ? KeyType::md5 : key_type_named(type_name);
  if (!type) return complain(type_name, "has an invalid type: the types are " + names_of_types());
  auto octets = decode_key(key_word);
  if (!octets) return complain(key_word, octets.error());
  if (!can_compute(*type))
    return complain(
        type_name.empty() ? key_word : type_name,
        std::string{traits(*type).name} + " is not supported by the wolfSSL library of this system");
  if (auto why = misfit(*type, octets->size())) return complain(key_word, std::move(*why));
  return SymmetricKey{*id, *type, std::move(*octets)};
}

bool is_comment(std::string_view line) {
  const auto first = line.find_first_not_of(white_space);
  return first == std::string_view::npos || std::string_view{"!;#%"}.contains(line[first]);
}

}  // namespace

SymmetricKeyFile parse_symmetric_keys(std::string_view text, CanCompute can_compute) {
  SymmetricKeyFile file;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (is_comment(line)) continue;
    auto key = parse_line(line, can_compute);
    if (!key) {
      file.complaints.push_back(std::move(key.error()));
      file.complaints.back().line = number;
      continue;
    }
    const auto id = key->id;
    if (!file.keys.add(std::move(*key)))
      file.complaints.push_back({.line = number,
                                 .column = line.find_first_not_of(white_space) + 1,
                                 .id = id,
                                 .text = "is a duplicate: the line before it with that ID counts"});
  }
  return file;
}

}  // namespace gnomon::protocol
