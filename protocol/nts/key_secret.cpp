// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/nts/key_secret.hpp"

#include <algorithm>
#include <array>

#include "protocol/crypto/hkdf.hpp"
#include "protocol/nts/file_words.hpp"

namespace gnomon::protocol {
namespace {

// Whatever else the same secret might be used for, and another way to derive, gives other keys.
constexpr std::string_view salt = "gnomon ntskeysecret 1";
constexpr std::string_view purpose = "cookie key";
constexpr std::string_view purpose_of_fingerprint = "fingerprint";
constexpr std::size_t derived_key_size = 16;  // AEAD_AES_128_GCM_SIV

std::uint32_t slot_of(std::int64_t period) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(period) % KeySet::slots);
}

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  const auto first = line.find_first_not_of(blanks);
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(blanks) - first + 1);
}

std::expected<KeySecret, std::string> parse_secret(std::size_t number, std::string_view line) {
  auto octets = base::from_hex(line);
  if (!octets) return fault(number, "the secret is not an even number of hexadecimal digits");
  if (octets->size() < KeySecret::min_size) {
    base::wipe(*octets);
    return fault(number, "the secret is shorter than 32 octets (64 hexadecimal digits)");
  }
  KeySecret secret{*octets};
  base::wipe(*octets);
  return secret;
}

}  // namespace

KeySecret::KeySecret(base::Bytes secret) : root_(hkdf_extract(base::as_bytes(salt), secret)) {}

// info: purpose | length of a period in seconds (8) | period (8)
CookieKey KeySecret::key(std::chrono::seconds rotation, std::int64_t period) const {
  std::array<std::uint8_t, purpose.size() + 16> info{};
  base::ByteWriter writer{info};
  writer.write(base::as_bytes(purpose));
  writer.write(static_cast<std::uint64_t>(rotation.count()));
  writer.write(static_cast<std::uint64_t>(period));
  std::array<std::uint8_t, derived_key_size + sizeof(std::uint32_t)> derived{};
  hkdf_expand(root_, info, derived);
  const auto octets = base::Bytes{derived};
  const auto id = base::ByteReader{octets.subspan(derived_key_size)}.read<std::uint32_t>().value_or(0);
  CookieKey key{.id = (id & ~(static_cast<std::uint32_t>(KeySet::slots) - 1)) | slot_of(period),
                .aead = AeadId::aes_128_gcm_siv,
                .key = base::Secret{octets.first(derived_key_size)}};
  base::wipe(derived);
  return key;
}

std::string KeySecret::fingerprint() const {
  std::array<std::uint8_t, 4> derived{};
  hkdf_expand(root_, base::as_bytes(purpose_of_fingerprint), derived);
  return base::to_hex(derived);
}

KeySet KeySecret::keys(std::chrono::seconds rotation, std::int64_t period) const {
  KeySet set;
  for (std::int64_t each = period - 2; each <= period + 1; ++each)
    set.keys.at(slot_of(each)) = key(rotation, each);
  set.current = static_cast<std::uint8_t>(slot_of(period));
  return set;
}

std::int64_t period_at(base::RealTime time, std::chrono::seconds rotation) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
  const auto begun = seconds / rotation.count();
  return seconds % rotation.count() < 0 ? begun - 1 : begun;
}

base::RealTime begin_of_period(std::int64_t period, std::chrono::seconds rotation) {
  constexpr auto latest = std::chrono::floor<std::chrono::seconds>(base::RealTime::max().time_since_epoch());
  return base::RealTime{std::min(period * rotation, latest)};
}

std::expected<std::vector<KeySecret>, std::string> parse_key_secrets(std::string_view text) {
  std::vector<KeySecret> secrets;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    if (secrets.size() == max_secrets) return fault(number, "more than eight secrets");
    auto secret = parse_secret(number, line);
    if (!secret) return std::unexpected{secret.error()};
    secrets.push_back(std::move(*secret));
  }
  if (secrets.empty()) return std::unexpected{std::string{"there is no secret in it"}};
  return secrets;
}

}  // namespace gnomon::protocol
