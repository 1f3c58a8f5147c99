// SPDX-License-Identifier: GPL-2.0-or-later
// The text of `ntskeys`: a line NKS1, the age of the current key, then id, key and AEAD of four keys from the
// oldest to the one made ahead. NKS0 names the AEAD once, before the age.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "base/number.hpp"
#include "protocol/nts/cookie.hpp"
#include "protocol/nts/file_words.hpp"

namespace gnomon::protocol {
namespace {

// Older than any rotation; beyond that the arithmetic of times ends.
constexpr double greatest_age = 1e9;
constexpr std::size_t oldest_after_current = 2;  // slots: current, ahead, oldest, previous

std::optional<AeadId> aead_word(std::string_view word) {
  const auto value = base::parse_number<std::uint16_t>(word);
  return value ? aead_from_number(*value) : std::nullopt;
}

std::optional<base::Seconds> age_word(std::string_view word) {
  const auto age = base::parse_number<double>(word);
  if (!age || !std::isfinite(*age) || *age < 0) return std::nullopt;
  return base::Seconds{std::min(*age, greatest_age)};
}

// `ID KEY AEAD`, or `ID KEY` where the AEAD has been named.
std::expected<CookieKey, std::string> parse_key(std::size_t line, const Words& words,
                                                std::optional<AeadId> named) {
  if (words.size() != (named ? 2U : 3U)) return fault(line, "a key has an id, its octets and its AEAD");
  const auto id = base::parse_number<std::uint32_t>(words[0], {}, 16);
  if (!id) return fault(line, "the key id is not hexadecimal");
  const auto aead = named ? named : aead_word(words[2]);
  if (!aead) return fault(line, "the AEAD is not supported");
  auto octets = base::from_hex(words[1]);
  if (!octets) return fault(line, "the key is not hexadecimal");
  CookieKey key{*id, *aead, base::Secret{*octets}};
  const bool fits = octets->size() == traits(*aead).key_size;
  base::wipe(*octets);
  if (!fits) return fault(line, "the key has another length than its AEAD needs");
  return key;
}

// The second line: the age, in NKS0 behind the AEAD of all keys.
std::expected<std::optional<AeadId>, std::string> parse_age(const Words& words, bool old, KeyFile& file) {
  if (words.size() != (old ? 2U : 1U)) return fault(2, "the age of the current key is expected");
  const auto age = age_word(words.back());
  if (!age) return fault(2, "the age is not a number of seconds");
  file.age = *age;
  if (!old) return std::nullopt;
  const auto aead = aead_word(words[0]);
  if (!aead) return fault(2, "the AEAD is not supported");
  return aead;
}

void wipe(std::string& text) {
  explicit_bzero(text.data(), text.size());
}

void append_key(std::string& text, const CookieKey& key, bool with_aead) {
  char id[9];
  static_cast<void>(std::snprintf(id, sizeof id, "%08X", static_cast<unsigned>(key.id)));
  std::string octets = to_capital_hex(key.key.reveal());
  text += id;
  text += " ";
  text += octets;
  if (with_aead) text += " " + std::to_string(static_cast<unsigned>(key.aead));
  text += "\n";
  wipe(octets);
}

}  // namespace

std::string to_key_file(const KeySet& set, base::Seconds age) {
  char seconds[64];
  const double shown = std::clamp(age.count(), 0.0, greatest_age);
  static_cast<void>(std::snprintf(seconds, sizeof seconds, "%.1f", shown));
  std::string text;
  text.reserve(1024);  // for all of it: growing would leave copies of keys behind
  const bool old = std::ranges::all_of(
      set.keys, [](const CookieKey& key) { return key.aead == AeadId::aes_siv_cmac_256; });
  text += old ? "NKS0\n15 " : "NKS1\n";
  text += std::string{seconds} + "\n";
  for (std::size_t i = 0; i < KeySet::slots; ++i)
    append_key(text, set.keys[(set.current + oldest_after_current + i) % KeySet::slots], !old);
  return text;
}

std::expected<KeyFile, std::string> parse_key_file(std::string_view text) {
  const auto lines = split(text, "\n");
  if (lines.empty() || (lines[0] != "NKS1" && lines[0] != "NKS0"))
    return fault(1, "this is no file of NTS server keys (NKS1 is expected)");
  if (lines.size() != 2 + KeySet::slots) return fault(lines.size(), "four keys are expected after the age");
  KeyFile file;
  const auto named = parse_age(split(lines[1], " "), lines[0] == "NKS0", file);
  if (!named) return Fault{named.error()};
  std::uint32_t first = 0;
  for (std::uint32_t i = 0; i < KeySet::slots; ++i) {
    auto key = parse_key(i + 3, split(lines[i + 2], " "), *named);
    if (!key) return Fault{key.error()};
    if (i == 0) first = key->id;
    const std::uint32_t slot = key->id % KeySet::slots;
    if (slot != (first + i) % KeySet::slots) return fault(i + 3, "the key id is out of order");
    file.set.keys[slot] = std::move(*key);
  }
  file.set.current = static_cast<std::uint8_t>((first + oldest_after_current) % KeySet::slots);
  return file;
}

}  // namespace gnomon::protocol
